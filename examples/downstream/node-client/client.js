/** The client: one PIN, through PC/SC and the package pcsclite. Each action is a connection of its own. */
'use strict';

const { promisify } = require('node:util');
const { setTimeout: sleep } = require('node:timers/promises');
const pcsclite = require('pcsclite');

const SELECT_APPLICATION = Buffer.from('00A4040C0AD392F000260100000001', 'hex');
const SELECT_PRESENCE = Buffer.from('00A4020C020008', 'hex');
const READ_PRESENCE = Buffer.from('00B0000003', 'hex');
const SELECT_PIN = Buffer.from('00A4020C020018', 'hex');
const QUERY = Buffer.from('00200080', 'hex');
const TRIES = 3;
const TIME_TO_APPEAR = 1000; // milliseconds in which the package announces a reader that is there

const SENTENCES = {
    wrong_pin: (left) => `The PIN is wrong; ${left === 1 ? 'one try is' : `${left} tries are`} left.`,
    locked: () => 'The PIN is locked. A counter of your municipality resets it.',
    pin_absent: () => 'This card has no certificate for user authentication.',
    format_rejected: () => 'The PIN has four digits.',
    wrong_card: () => 'This is not a My Number Card.',
    no_reader: () => 'There is no card reader.',
    no_card: () => 'Please put the card into the reader.',
    card_removed: () => 'The card was taken away. Please put it back.',
    reader_busy: () => 'Another program uses the card.',
    unknown_outcome: () => 'The card was taken away too early. Please see how many tries are left.',
    card_unreadable: () => 'The card does not answer. Please put it in again.',
};
const REASONS = {
    '8010000b': 'reader_busy',
    '8010000c': 'no_card',
    '80100069': 'card_removed',
    '80100009': 'no_reader',
    '8010001d': 'no_reader',
    '8010002e': 'no_reader',
};

/** Something that a user can be told. */
class Trouble extends Error {
    constructor(reason, triesLeft) {
        super(SENTENCES[reason](triesLeft));
        this.reason = reason;
        this.triesLeft = triesLeft;
    }
}

/** What was typed, as the card wants it: full-width digits are digits too. */
function digitsOf(typed) {
    const digits = typed.normalize('NFKC');
    if (!/^[0-9]{4}$/.test(digits)) throw new Trouble('format_rejected');
    return Buffer.from(digits);
}

class Client {
    constructor(readerName) {
        this.readerName = readerName;
        this.service = null;
    }

    /** How many tries the PIN has left; to ask is free. */
    triesLeft() {
        return this.withCard(async (send) => {
            const { sw } = await send(QUERY);
            if (sw === 0x9000) return TRIES;
            if (sw === 0x6983 || sw === 0x6984) return 0;
            if ((sw & 0xfff0) !== 0x63c0) throw new Trouble('card_unreadable');
            return sw & 0x0f;
        });
    }

    /** Put a PIN to the card, once. */
    enterPin(typed) {
        const digits = digitsOf(typed);
        return this.withCard(async (send) => {
            let sw;
            try {
                ({ sw } = await send(Buffer.concat([Buffer.from('0020008004', 'hex'), digits])));
            } catch {
                throw new Trouble('unknown_outcome'); // the try may be spent: it is not sent again
            }
            if (sw === 0x63c0 || sw === 0x6983 || sw === 0x6984) throw new Trouble('locked');
            if ((sw & 0xfff0) === 0x63c0) throw new Trouble('wrong_pin', sw & 0x0f);
            if (sw !== 0x9000) throw new Trouble('card_unreadable');
        });
    }

    /** Do something with the card whose PIN is selected; then cut its power, so that no PIN stays verified. */
    async withCard(action) {
        const reader = await this.find();
        try {
            const options = { share_mode: reader.SCARD_SHARE_SHARED };
            const protocol = await promisify(reader.connect).call(reader, options);
            const send = async (command) => {
                const answer = await promisify(reader.transmit).call(reader, command, 258, protocol);
                if (answer.length < 2) throw new Trouble('card_removed');
                return { data: answer.subarray(0, -2), sw: answer.readUInt16BE(answer.length - 2) };
            };
            await selectPin(send);
            return await action(send);
        } catch (error) {
            if (error instanceof Trouble) throw error;
            const code = /\(0x([0-9a-f]{8})\)/i.exec(error.message)?.[1].toLowerCase();
            throw new Trouble(REASONS[code] ?? 'card_unreadable');
        } finally {
            await promisify(reader.disconnect).call(reader, reader.SCARD_UNPOWER_CARD).catch(() => {
                reader.connected = false; // the handle died with the card
            });
        }
    }

    /** Stop watching the readers, so that the process can end. */
    end() {
        for (const reader of Object.values(this.service?.readers ?? {})) reader.close();
        this.service?.close();
    }

    /** Find the reader, or any where none was named. */
    async find() {
        if (this.service === null) {
            try {
                this.service = pcsclite();
            } catch {
                throw new Trouble('no_reader');
            }
            this.service.on('error', () => { this.service = null; });
            this.service.on('reader', (reader) => reader.on('error', () => {}));
        }
        const { readers } = this.service;
        const named = () => (this.readerName ? readers[this.readerName] : Object.values(readers)[0]);
        for (let waited = 0; !named() && waited < TIME_TO_APPEAR; waited += 20) await sleep(20);
        if (!named()) throw new Trouble('no_reader');
        return named();
    }
}

/** SELECT application and PIN, unless this card says that it has no such certificate and so no PIN. */
async function selectPin(send) {
    let { sw } = await send(SELECT_APPLICATION);
    if (sw === 0x6f00) ({ sw } = await send(SELECT_APPLICATION)); // one card says so to its first command
    if (sw === 0x6a82) throw new Trouble('wrong_card');
    await send(SELECT_PRESENCE);
    const { data } = await send(READ_PRESENCE);
    if (data[1] === 0x00) throw new Trouble('pin_absent');
    ({ sw } = await send(SELECT_PIN));
    if (sw !== 0x9000) throw new Trouble('card_unreadable');
}

module.exports = { Client, Trouble, digitsOf };
