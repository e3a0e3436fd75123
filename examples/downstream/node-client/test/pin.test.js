/** The client with a card whose PIN has two tries left: `mynacard exec --state auth=2 -- npm test`. */
'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');

const { Client } = require('../client.js');

const client = new Client();
after(() => client.end());

const told = async (pin) => {
    try {
        await client.enterPin(pin);
    } catch (trouble) {
        return trouble.message;
    }
    return 'Welcome.';
};

test('letters cost no try', async () => {
    assert.equal(await told('12a4'), 'The PIN has four digits.');
    assert.equal(await client.triesLeft(), 2);
});

test('the last try is announced', async () => {
    assert.equal(await told('0000'), 'The PIN is wrong; one try is left.');
});

test('the right PIN gives all tries back, in full width too', async () => {
    assert.equal(await told('１２３４'), 'Welcome.');
    assert.equal(await client.triesLeft(), 3);
});

test('the third wrong one in a row locks, and the user learns who can help', async () => {
    await told('0000');
    await told('0000');
    assert.equal(await told('0000'), 'The PIN is locked. A counter of your municipality resets it.');
    assert.equal(await told('1234'), 'The PIN is locked. A counter of your municipality resets it.');
});
