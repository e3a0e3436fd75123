/** What a user wants from a card; this is where your own client would be. */
import {
    ATTRIBUTES, AVAILABLE, CERTIFICATES, FLAGS, JPKI, KEYS, MY_NUMBER, PINS, TEXT,
    attributes, command, digestInfo, extent, myNumber, wellFormed,
} from './card.js';
import { Failed } from './failed.js';
import { Link, LinkLost } from './link.js';

const BLOCK = 256;
const END_OF_OFFSETS = 0x8000;

/**
 * Each public method is one action, and throws `Failed` where it does not succeed.
 *
 * A PIN is sent to the card once for each action and is kept, logged and repeated nowhere.
 */
export class Client {
    #link;

    constructor(reader) {
        this.#link = new Link(reader);
    }

    /** Ask the card's own counter; that is free. */
    triesLeft(pin) {
        return this.#action(() => this.#query(pin));
    }

    /** Enter a PIN. */
    async verifyPin(pin, value) {
        const entry = wellFormed(pin, value);
        await this.#action(() => this.#enter(pin, entry));
    }

    /** Change a PIN whose current value is known: VERIFY that, then CHANGE REFERENCE DATA to the new one. */
    async changePin(pin, current, chosen) {
        if (!PINS[pin].chosen) throw new Failed('not_permitted', 'this PIN is not for its holder to choose');
        const [entry, change] = [wellFormed(pin, current), wellFormed(pin, chosen)];
        await this.#action(async () => {
            await this.#enter(pin, entry);
            await this.#selectFile(PINS[pin].file, 'pin_absent'); // in this command the file has no name
            await this.#sendPin(pin, command(0x00, 0x24, 0x01, 0x80, change));
        });
    }

    /** Read a certificate; only the sign certificate needs a PIN, and no other is given one. */
    async readCertificate(certificate, pin) {
        const entry = certificate === 'sign' && pin !== null ? wellFormed('sign', pin) : null;
        return this.#action(async () => {
            await this.#enterJpki(certificate, 'cert_absent');
            if (entry) await this.#verify('sign', entry);
            return this.#readObject(CERTIFICATES[certificate], [0x30], 'cert_absent');
        });
    }

    /** Sign: PKCS#1 v1.5 over the digest, padded and computed by the card. */
    async sign(key, pin, hash, message) {
        const entry = pin === null ? null : wellFormed(key, pin);
        return this.#action(async () => {
            await this.#enterJpki(key, 'cert_absent');
            if (entry) await this.#verify(key, entry);
            await this.#selectFile(KEYS[key], 'cert_absent');
            return this.#demand(command(0x80, 0x2a, 0x00, 0x80, digestInfo(hash, message), BLOCK));
        });
    }

    /** Read the twelve digits. */
    async readMyNumber(pin) {
        return myNumber(await this.#readText(MY_NUMBER, [0xff, 0x10], pin));
    }

    /** Read name, address, birth date and sex. */
    async readAttributes(pin) {
        return attributes(await this.#readText(ATTRIBUTES, [0xff, 0x20], pin));
    }

    /** End the session with the card. */
    close() {
        return this.#link.close();
    }

    /**
     * Do the steps of one action, from its first SELECT on.
     *
     * Where not even that was answered, the session was over before the action began: the card had been exchanged, or
     * another program had reset it. Nothing is lost then, and the action begins again on a new connection.
     */
    async #action(steps) {
        for (let again = false; ; again = true) {
            try {
                await this.#link.begin();
                return await steps();
            } catch (error) {
                if (!(error instanceof LinkLost)) throw error;
                if (again || this.#link.exchanged) throw await this.#link.why(error);
            }
        }
    }

    // ------------------------------------------------------------ steps

    async #query(pin) {
        await this.#enterApplication(pin);
        await this.#selectFile(PINS[pin].file, 'pin_absent');
        const { sw } = await this.#link.transmit(command(0x00, 0x20, 0x00, 0x80 | PINS[pin].file)); // without data
        if ((sw & 0xfff0) === 0x63c0) return sw & 0x0f;
        switch (sw) {
            case 0x6983: case 0x6984: return 0;
            case 0x9000: return PINS[pin].tries; // so say some cards while the PIN is verified; success restores all
            default: throw refused(sw);
        }
    }

    async #enter(pin, entry) {
        await this.#enterApplication(pin);
        await this.#verify(pin, entry);
    }

    async #verify(pin, entry) {
        await this.#selectFile(PINS[pin].file, 'pin_absent');
        await this.#sendPin(pin, command(0x00, 0x20, 0x00, 0x80 | PINS[pin].file, entry));
    }

    #enterApplication(pin) {
        if (FLAGS.includes(pin)) return this.#enterJpki(pin, 'pin_absent');
        return this.#selectApplication(PINS[pin].application);
    }

    /**
     * SELECT the JPKI application, unless it says that there is no such certificate, and hence no PIN for it.
     *
     * Only this tells a PIN that was never set from a locked one: both have no tries.
     */
    async #enterJpki(certificate, absent) {
        await this.#selectApplication(JPKI);
        if (!FLAGS.includes(certificate)) return;
        await this.#selectFile(AVAILABLE, 'card_unreadable');
        const flags = await this.#read(0, 3);
        if (flags[FLAGS.indexOf(certificate)] === 0x00) {
            throw new Failed(absent, `the card has no ${certificate} certificate`);
        }
    }

    async #selectApplication(aid) {
        const select = command(0x00, 0xa4, 0x04, 0x0c, aid);
        let { sw } = await this.#link.transmit(select);
        if (sw === 0x6f00) ({ sw } = await this.#link.transmit(select)); // one card says so to its first command
        if (sw === 0x6a82) throw new Failed('wrong_card', 'the card does not have this application');
        if (sw !== 0x9000) throw refused(sw);
    }

    async #selectFile(file, absent) {
        const { sw } = await this.#link.transmit(command(0x00, 0xa4, 0x02, 0x0c, Buffer.from([0x00, file])));
        if (sw === 0x6a82) throw new Failed(absent, `the card has no file 00${file.toString(16).padStart(2, '0')}`);
        if (sw !== 0x9000) throw refused(sw);
    }

    /** Send what may cost a try: once. If its answer is lost, nobody knows whether it counted. */
    async #sendPin(pin, apdu) {
        let sw;
        try {
            ({ sw } = await this.#link.transmit(apdu));
        } catch (error) {
            if (!(error instanceof LinkLost)) throw error;
            throw new Failed('unknown_outcome', `the card was lost while it had the PIN: ${error.message}`);
        }
        if ([0x63c0, 0x6983, 0x6984].includes(sw)) {
            throw new Failed('locked', `the ${pin} PIN is locked; the municipal office can reset it`);
        }
        if ((sw & 0xfff0) === 0x63c0) throw new Failed('wrong_pin', `wrong PIN, tries left: ${sw & 0x0f}`, sw & 0x0f);
        if (sw !== 0x9000) throw refused(sw);
    }

    #readText(file, tag, pin) {
        const entry = pin === null ? null : wellFormed('text', pin);
        return this.#action(async () => {
            await this.#selectApplication(TEXT);
            if (entry) await this.#verify('text', entry);
            return this.#readObject(file, tag, 'card_unreadable');
        });
    }

    /** Read the data object at the start of a file, and none of the filler behind it. */
    async #readObject(file, tag, absent) {
        await this.#selectFile(file, absent);
        let data = await this.#read(0, BLOCK);
        if (!data.subarray(0, tag.length).equals(Buffer.from(tag))) {
            throw new Failed(absent, 'there is nothing in this file');
        }
        const { end } = extent(data, tag.length);
        if (end > END_OF_OFFSETS) throw new Failed('card_unreadable', 'a file claims to be longer than files are');
        while (data.length < end) {
            const block = await this.#read(data.length, Math.min(BLOCK, end - data.length));
            if (!block.length) throw new Failed('card_unreadable', 'a file ends before its content');
            data = Buffer.concat([data, block]);
        }
        return data.subarray(0, end);
    }

    async #read(offset, count) {
        const read = command(0x00, 0xb0, offset >> 8, offset & 0xff, undefined, count);
        const { data, sw } = await this.#link.transmit(read);
        if (sw === 0x6b00) return Buffer.alloc(0); // the file ends before this offset
        if (sw !== 0x9000) throw refused(sw);
        return data;
    }

    async #demand(apdu) {
        const { data, sw } = await this.#link.transmit(apdu);
        if (sw !== 0x9000) throw refused(sw);
        return data;
    }
}

function refused(sw) {
    if (sw === 0x6982) return new Failed('not_permitted', 'the card wants a PIN for this');
    return new Failed('protocol_error', `the card answered ${sw.toString(16).padStart(4, '0')}`);
}
