// A program of its own: the same with Node.js and the package pcsclite; argument: where to write.
'use strict';

const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { createRequire } = require('node:module');

const where = process.argv[2];
const pcsc = createRequire(join(process.cwd(), 'package.json'))('pcsclite')();

const SELECT = Buffer.from('00A4040C0AD392F000260100000001', 'hex');
const CERTIFICATES = { auth: 0x0a, auth_ca: 0x0b, sign: 0x01, sign_ca: 0x02 };
const PINS = { auth: [0x18, '1234'], sign: [0x1b, 'ABC123'] };
const KEYS = { auth: 0x17, sign: 0x1a };
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const LONGEST_ANSWER = 258;

function command(cla, ins, p1, p2, data = Buffer.alloc(0), le = null) {
    const lc = data.length ? [data.length] : [];
    return Buffer.concat([Buffer.from([cla, ins, p1, p2, ...lc]), data, Buffer.from(le === null ? [] : [le])]);
}

function connect(reader) {
    return new Promise((resolve, reject) => {
        const options = { share_mode: reader.SCARD_SHARE_SHARED, protocol: reader.SCARD_PROTOCOL_T1 };
        reader.connect(options, (error, protocol) => (error ? reject(error) : resolve(protocol)));
    });
}

async function work(reader) {
    const protocol = await connect(reader);
    const transmit = (apdu) => new Promise((resolve, reject) => {
        reader.transmit(apdu, LONGEST_ANSWER, protocol, (error, answer) => {
            if (error) return reject(error);
            const sw = answer.subarray(-2).toString('hex');
            return sw === '9000' ? resolve(answer.subarray(0, -2)) : reject(new Error(`the card answered ${sw}`));
        });
    });
    await transmit(SELECT);
    for (const [pin, value] of Object.values(PINS)) {
        await transmit(command(0x00, 0x20, 0x00, 0x80 | pin, Buffer.from(value)));
    }
    for (const [name, fid] of Object.entries(CERTIFICATES)) {
        let data = await transmit(command(0x00, 0xb0, 0x80 | fid, 0, undefined, 0));
        const whole = 4 + data.readUInt16BE(2);
        while (data.length < whole) {
            const next = await transmit(command(0x00, 0xb0, data.length >> 8, data.length & 0xff, undefined, 0));
            data = Buffer.concat([data, next]);
        }
        writeFileSync(join(where, `${name}.der`), data.subarray(0, whole));
    }
    const digest = createHash('sha256').update(readFileSync(join(where, 'document'))).digest();
    for (const [name, key] of Object.entries(KEYS)) {
        const data = Buffer.concat([DIGEST_INFO, digest]);
        writeFileSync(join(where, `${name}.signature`), await transmit(command(0x80, 0x2a, 0, 0x80 | key, data, 0)));
    }
}

function end(error) {
    if (error) console.error(error.message);
    process.exit(error ? 1 : 0);
}

pcsc.on('error', end);
pcsc.on('reader', (reader) => {
    let busy = false;
    reader.on('error', end);
    reader.on('status', (status) => {
        if (busy || !(status.state & reader.SCARD_STATE_PRESENT)) return;
        busy = true;
        work(reader).then(() => end(), end);
    });
});
