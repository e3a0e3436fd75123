/** The way to the card, through PC/SC and the package pcsclite. */
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import pcsclite from 'pcsclite';

import { Failed } from './failed.js';

const OUTCOMES = {
    '8010001d': 'no_reader', // no service
    '8010001e': 'no_reader', // the service was stopped
    '8010002e': 'no_reader', // no readers at all
    '80100017': 'no_reader', // reader unavailable
    '80100009': 'no_reader', // unknown reader
    '8010000c': 'no_card',
    '8010000b': 'reader_busy', // sharing violation
    '80100069': 'card_removed',
};
const LONGEST_ANSWER = 258;
const TIME_TO_APPEAR = 1000; // milliseconds in which a reader that is there is announced
const TIME_TO_NOTICE = 600; // milliseconds in which PC/SC notices that a card has left

/** A command got no answer; `code` is what PC/SC said, as eight hexadecimal digits, or empty. */
export class LinkLost extends Error {
    constructor(cause) {
        super(cause.message);
        this.code = /\(0x([0-9a-f]{8})\)/i.exec(cause.message)?.[1].toLowerCase() ?? '';
    }
}

/**
 * A shared connection to the card in one reader; after any failure the next `begin` opens a new one.
 *
 * The package knows no transactions: another program may get between two commands. So VERIFY also names the file of its
 * PIN, and does not rely on what was selected before.
 */
export class Link {
    /** How many commands of the current action the card has answered. */
    exchanged = 0;

    #name;
    #service = null;
    #reader = null;
    #protocol = null; // of the open connection; null while there is none
    #used = false; // whether a PIN may have been verified since the card's power was last cut

    constructor(name) {
        this.#name = name;
    }

    /** Begin an action. */
    async begin() {
        this.exchanged = 0;
        this.#used = true;
        if (this.#protocol === null) await this.#guarded(() => this.#connect());
    }

    /** Exchange one APDU; return data and status word. */
    async transmit(command) {
        const answer = await this.#guarded(() => {
            const transmit = promisify(this.#reader.transmit).bind(this.#reader);
            return transmit(command, LONGEST_ANSWER, this.#protocol);
        });
        if (answer.length < 2) { // some reader drivers say this when the card has just left
            await this.#disconnect(this.#reader.SCARD_LEAVE_CARD);
            throw new LinkLost(new Error('an answer without a status word'));
        }
        this.exchanged += 1;
        return { data: answer.subarray(0, -2), sw: answer.readUInt16BE(answer.length - 2) };
    }

    /**
     * Let go of the card, with its power cut.
     *
     * A verified PIN stays verified after a disconnect, and on this card even after a reset: the next program could
     * sign with it. Only loss of power (or SELECT of another application) ends that.
     */
    async close() {
        if (!this.#used) return;
        this.#used = false;
        try {
            if (this.#protocol === null) await this.#connect(); // the connection was lost, the PIN maybe not
            await this.#disconnect(this.#reader.SCARD_UNPOWER_CARD);
        } catch {
            // no card, or no reader: nothing is verified there
        }
    }

    /** Say what became of the card when an answer was lost. */
    async why(lost) {
        const unnamed = async () => (await this.#cardIsPresent() ? 'card_unreadable' : 'card_removed');
        return new Failed(OUTCOMES[lost.code] ?? await unnamed(), lost.message);
    }

    /** Do something with the card; if that fails, the connection is of no use any more. */
    async #guarded(step) {
        try {
            return await step();
        } catch (error) {
            if (error instanceof Failed) throw error;
            await this.#disconnect(this.#reader?.SCARD_LEAVE_CARD);
            throw new LinkLost(error);
        }
    }

    async #connect() {
        this.#reader = await this.#find();
        const options = { share_mode: this.#reader.SCARD_SHARE_SHARED };
        this.#protocol = await promisify(this.#reader.connect).call(this.#reader, options);
    }

    async #disconnect(disposition) {
        if (this.#protocol === null) return;
        this.#protocol = null;
        try {
            await promisify(this.#reader.disconnect).call(this.#reader, disposition);
        } catch {
            this.#reader.connected = false; // the handle is dead, and the package would go on using it
        }
    }

    /** Find the reader; the package announces each some milliseconds after it was asked for all. */
    async #find() {
        if (this.#service === null) {
            this.#service = pcsclite(); // an exception where there is no PC/SC service
            this.#service.on('error', () => { this.#service = null; }); // the service has ended: begin anew
            this.#service.on('reader', (reader) => reader.on('error', () => {}));
        }
        const service = this.#service;
        for (let waited = 0; !service.readers[this.#name] && waited < TIME_TO_APPEAR; waited += 20) await sleep(20);
        const found = service.readers[this.#name];
        if (!found) throw new Failed('no_reader', 'there is no such reader');
        return found;
    }

    async #cardIsPresent() {
        const present = () => (this.#reader?.state & this.#reader?.SCARD_STATE_PRESENT) !== 0;
        for (let waited = 0; present() && waited < TIME_TO_NOTICE; waited += 50) await sleep(50);
        return present();
    }
}
