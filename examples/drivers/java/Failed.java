package driver;

/** An action did not succeed. */
final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    /** A name of the driver protocol. */
    final String outcome;

    /** What the card said with a wrong PIN, or null. */
    final Integer triesLeft;

    Failed(String outcome, String message) {
        this(outcome, message, null);
    }

    Failed(String outcome, String message, Integer triesLeft) {
        super(message);
        this.outcome = outcome;
        this.triesLeft = triesLeft;
    }
}
