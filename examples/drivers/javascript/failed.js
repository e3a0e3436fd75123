/** An action did not succeed; `outcome` is a name of the driver protocol. */
export class Failed extends Error {
    constructor(outcome, message, triesLeft = undefined) {
        super(message);
        this.outcome = outcome;
        this.triesLeft = triesLeft;
    }
}
