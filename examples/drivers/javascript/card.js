/** What is known of every card: where things are, how files are written, and what goes into a signature. */
import { createHash } from 'node:crypto';

import { Failed } from './failed.js';

export const JPKI = Buffer.from('D392F000260100000001', 'hex');
export const TEXT = Buffer.from('D3921000310001010408', 'hex');
const JUKI = Buffer.from('D3921000310001010401', 'hex');

/** Where each PIN is, what it looks like, how many tries it has; whether its holder may choose another. */
export const PINS = {
    sign: { application: JPKI, file: 0x1b, form: /^[A-Za-z0-9]{6,16}$/, tries: 5, chosen: true },
    auth: { application: JPKI, file: 0x18, form: /^[0-9]{4}$/, tries: 3, chosen: true },
    text: { application: TEXT, file: 0x11, form: /^[0-9]{4}$/, tries: 3, chosen: true },
    juki: { application: JUKI, file: 0x1c, form: /^[0-9]{4}$/, tries: 3, chosen: false },
    number_a: { application: TEXT, file: 0x14, form: /^[0-9]{12}$/, tries: 10, chosen: false },
    number_b: { application: TEXT, file: 0x15, form: /^[0-9]{14}$/, tries: 10, chosen: false },
};
export const CERTIFICATES = { sign: 0x01, sign_ca: 0x02, auth: 0x0a, auth_ca: 0x0b };
export const KEYS = { sign: 0x1a, auth: 0x17 };
export const AVAILABLE = 0x08;
export const FLAGS = ['sign', 'auth']; // whose absence the bytes of AVAILABLE tell, by 00
export const MY_NUMBER = 0x01;
export const ATTRIBUTES = 0x02;

const DIGEST_INFO = { // what PKCS#1 puts before a digest
    sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
    sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
    sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
};
const SEXES = { 1: 'male', 2: 'female', 9: 'not_applicable' };

/** Build a short command APDU; `ne` is how many bytes are wanted, up to 256. */
export function command(cla, ins, p1, p2, data = Buffer.alloc(0), ne = 0) {
    const lc = data.length ? [data.length] : [];
    const le = ne ? [ne & 0xff] : [];
    return Buffer.from([cla, ins, p1, p2, ...lc, ...data, ...le]);
}

/** What goes to the card for an entry; one that cannot be right ends here, and costs no try. */
export function wellFormed(pin, typed) {
    const value = typed.normalize('NFKC'); // full-width digits and letters are typed easily in Japanese
    if (!PINS[pin].form.test(value)) {
        throw new Failed('format_rejected', `no ${pin} PIN looks like that; nothing was sent to the card`);
    }
    return Buffer.from(value.toUpperCase(), 'ascii'); // the card knows only capital letters
}

/** What the card is asked to sign. */
export function digestInfo(hash, message) {
    return Buffer.concat([DIGEST_INFO[hash], createHash(hash).update(message).digest()]);
}

/** Read the header of a BER data object: where its value begins and ends. Some cards write 82 hh ll for a short one. */
export function extent(data, tagSize) {
    const first = data[tagSize] ?? 0xff;
    const start = tagSize + 1 + (first > 0x80 ? first - 0x80 : 0);
    if (first === 0x80 || first > 0x84 || data.length < start) {
        throw new Failed('card_unreadable', 'a file on the card does not begin with a data object');
    }
    const length = first > 0x80 ? data.readUIntBE(tagSize + 1, first - 0x80) : first;
    return { start, end: start + length };
}

/** The twelve digits in the record of MY_NUMBER. */
export function myNumber(record) {
    const { start, end } = extent(record, 2);
    return text(record.subarray(start, end));
}

/** The four attributes in the record of ATTRIBUTES. */
export function attributes(record) {
    const { start, end } = extent(record, 2);
    const values = {};
    for (let rest = record.subarray(start, end); rest.length;) {
        const value = extent(rest, 2);
        values[rest.toString('hex', 0, 2)] = rest.subarray(value.start, value.end);
        rest = rest.subarray(value.end);
    }
    const [name, address, born, sex] = ['df22', 'df23', 'df24', 'df25'].map((tag) => text(values[tag]));
    return { name, address, birth_date: born.replace(/^(....)(..)(..)$/, '$1-$2-$3'), sex: SEXES[sex] ?? 'unknown' };
}

function text(value) {
    if (!value) throw new Failed('card_unreadable', 'an attribute is missing on the card');
    try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
    } catch {
        throw new Failed('card_unreadable', 'a text on the card is not UTF-8');
    }
}
