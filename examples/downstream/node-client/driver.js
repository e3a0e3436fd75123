/** The driver: what the harness asks, a line of JSON each, said in the words of client.js. */
'use strict';

const { Client, Trouble } = require('./client.js');

const CLIENT = { name: 'pin-desk', version: require('./package.json').version };
let client = null;

const METHODS = {
    initialize: ({ reader }) => {
        client = new Client(reader);
        return { client: CLIENT, operations: ['tries_left', 'verify_pin'], pins: ['auth'] };
    },
    tries_left: async () => ({ tries_left: await client.triesLeft() }),
    verify_pin: ({ value }) => client.enterPin(value),
    shutdown: () => ({}),
};

async function answer({ id, method, params }) {
    if (!Object.hasOwn(METHODS, method)) return { id, error: { code: -32601, message: 'no such method' } };
    try {
        return { id, result: await METHODS[method](params) ?? {} };
    } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        const data = { outcome: error.reason, tries_left: error.triesLeft };
        return { id, error: { code: -32000, message: error.message, data } };
    }
}

async function main() {
    let rest = '';
    for await (const chunk of process.stdin.setEncoding('utf8')) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) {
            const request = JSON.parse(line);
            process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...await answer(request) })}\n`);
            if (request.method === 'shutdown') return;
        }
    }
}

main().then(() => process.exit(0), (error) => {
    process.stderr.write(`${error.name}\n`); // and not its words, which might quote a PIN
    process.exit(1);
});
