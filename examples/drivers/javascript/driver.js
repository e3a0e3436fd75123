/**
 * The driver: JSON-RPC on standard input and output.
 *
 * client.js is where your own client would be, card.js what it knows of the card, link.js its way there.
 */
import { PINS } from './card.js';
import { Client } from './client.js';
import { Failed } from './failed.js';

const OPERATIONS = {
    tries_left: async (client, p) => ({ tries_left: await client.triesLeft(p.pin) }),
    verify_pin: (client, p) => client.verifyPin(p.pin, p.value),
    change_pin: (client, p) => client.changePin(p.pin, p.current, p.new),
    read_certificate: async (client, p) => ({ der: base64(await client.readCertificate(p.certificate, p.pin)) }),
    sign: async (client, p) => {
        const message = Buffer.from(p.message, 'base64');
        return { signature: base64(await client.sign(p.key, p.pin, p.hash, message)) };
    },
    read_my_number: async (client, p) => ({ my_number: await client.readMyNumber(p.pin) }),
    read_attributes: (client, p) => client.readAttributes(p.pin),
    close: (client) => client.close(),
};
const INTRODUCTION = {
    client: { name: 'JavaScript example', version: '1.0' },
    operations: Object.keys(OPERATIONS),
    pins: Object.keys(PINS),
};

function base64(data) {
    return data.toString('base64');
}

/** Lines as the protocol means them; node:readline would end one at U+2028 too. */
async function* lines(input) {
    let rest = '';
    for await (const chunk of input.setEncoding('utf8')) {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop();
        yield* parts;
    }
}

function parsed(line) {
    try {
        return JSON.parse(line);
    } catch {
        throw new Error('a line of the input is no JSON'); // the parser would quote it, with a PIN maybe
    }
}

function errorOf(problem) {
    if (problem instanceof Failed) {
        const data = { outcome: problem.outcome, tries_left: problem.triesLeft }; // undefined is left out
        return { code: -32000, message: problem.message, data };
    }
    return { code: -32603, message: `the driver failed with ${problem.name}` }; // its own words might quote a PIN
}

/** Answer requests, one a line, until `shutdown` or the end of input. */
async function serve() {
    let client = new Client('');
    for await (const line of lines(process.stdin)) {
        const { id, method, params } = parsed(line);
        let answer;
        try {
            if (method === 'initialize') {
                client = new Client(params.reader);
                answer = { result: INTRODUCTION };
            } else if (method === 'shutdown') {
                answer = { result: {} };
            } else if (Object.hasOwn(OPERATIONS, method)) {
                answer = { result: await OPERATIONS[method](client, params) ?? {} };
            } else {
                answer = { error: { code: -32601, message: `this driver has no method ${method}` } };
            }
        } catch (problem) {
            answer = { error: errorOf(problem) };
        }
        process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
        if (method === 'shutdown') break;
    }
    await client.close();
}

await serve();
process.exit(0); // the package's threads would go on watching the reader
