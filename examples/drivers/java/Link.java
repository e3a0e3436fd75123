package driver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import javax.smartcardio.Card;
import javax.smartcardio.CardException;
import javax.smartcardio.CardTerminal;
import javax.smartcardio.TerminalFactory;

/**
 * The way to the card in one reader: a shared connection; after any failure the next action opens a new one.
 *
 * <p>The JDK looks up the PC/SC service once: after the service has ended, the program has to be started again.
 */
final class Link {
    private static final Map<String, String> OUTCOMES = Map.of(
            "SCARD_E_NO_SERVICE", "no_reader",
            "SCARD_E_SERVICE_STOPPED", "no_reader",
            "SCARD_E_NO_READERS_AVAILABLE", "no_reader",
            "SCARD_E_READER_UNAVAILABLE", "no_reader",
            "SCARD_E_UNKNOWN_READER", "no_reader",
            "SCARD_E_NO_SMARTCARD", "no_card",
            "SCARD_E_SHARING_VIOLATION", "reader_busy",
            "SCARD_W_REMOVED_CARD", "card_removed");
    private static final int LONGEST_ANSWER = 258;
    private static final long MILLISECONDS_TO_NOTICE = 600; // in which PC/SC notices that a card has left
    private static final byte[] SELECT_ABOVE_APPLICATIONS = OnCard.command(0x00, 0xA4, 0x04, 0x0C, OnCard.ABOVE);
    private static final String LIBRARY = "sun.security.smartcardio.library";

    static {
        if (System.getProperty(LIBRARY) == null) { // the JDK looks in /usr/lib alone
            try (var found = Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-*")) {
                for (Path folder : found) {
                    Path library = folder.resolve("libpcsclite.so.1");
                    if (Files.exists(library)) {
                        System.setProperty(LIBRARY, library.toString());
                    }
                }
            } catch (IOException none) {
                // then the JDK's own places have to do
            }
        }
    }

    /** What is done in an action. */
    @FunctionalInterface
    interface Steps<T> {
        T run() throws Failed, Lost;
    }

    /** A response APDU. */
    record Answer(byte[] data, int sw) {}

    /** A command got no answer; the message is what PC/SC calls the reason. */
    static final class Lost extends Exception {
        private static final long serialVersionUID = 1L;

        Lost(String reason) {
            super(reason);
        }

        /** The JDK hides the reason behind a cause, or tells a removal by an exception of its own. */
        static Lost because(Exception failure) {
            String reason = failure instanceof IllegalStateException ? "SCARD_W_REMOVED_CARD" : failure.getMessage();
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause.getMessage() != null && cause.getMessage().startsWith("SCARD_")) {
                    reason = cause.getMessage();
                }
            }
            return new Lost(reason);
        }
    }

    private final String reader;
    private CardTerminal terminal;
    private Card card; // null while there is no connection
    private int exchanged; // how many commands of the current action the card has answered
    private boolean used; // whether a PIN may have been verified since the last close

    Link(String reader) {
        this.reader = reader;
    }

    /**
     * Do the steps of one action, from its first SELECT on; no other program gets between two of its commands.
     *
     * <p>Where not even the first command was answered, the session was over before the action began: the card had
     * been exchanged, or another program had reset it. Nothing is lost then, and the action begins again on a new
     * connection.
     */
    <T> T action(Steps<T> steps) throws Failed {
        try {
            return once(steps);
        } catch (Lost lost) {
            if (exchanged > 0) {
                throw why(lost);
            }
        }
        try {
            return once(steps);
        } catch (Lost lost) {
            throw why(lost);
        }
    }

    /** Exchange one APDU. */
    Answer transmit(byte[] command) throws Lost {
        var buffer = ByteBuffer.allocate(LONGEST_ANSWER);
        try {
            card.getBasicChannel().transmit(ByteBuffer.wrap(command), buffer);
        } catch (CardException | IllegalStateException failure) {
            throw lost(failure);
        }
        int size = buffer.position() - 2;
        if (size < 0) { // some reader drivers say this when the card has just left
            throw lost(new CardException("SCARD_E_NOT_TRANSACTED"));
        }
        exchanged++;
        return new Answer(Arrays.copyOf(buffer.array(), size), buffer.getShort(size) & 0xFFFF);
    }

    /**
     * Let go of the card, with no PIN verified on it.
     *
     * <p>A verified PIN stays verified after a disconnect, and on this card even after a reset: the next program could
     * sign with it. Only loss of power or SELECT of another application ends that, and the JDK cannot cut the power.
     */
    void close() {
        if (used) {
            used = false;
            try {
                action(() -> transmit(SELECT_ABOVE_APPLICATIONS));
            } catch (Failed gone) {
                // no card, or no reader: nothing is verified there
            }
            used = false;
            letGo();
        }
    }

    private <T> T once(Steps<T> steps) throws Failed, Lost {
        exchanged = 0;
        used = true;
        try {
            if (card == null) {
                card = connect();
            }
            card.beginExclusive();
        } catch (CardException | IllegalStateException failure) {
            throw lost(failure);
        }
        try {
            return steps.run();
        } finally {
            endExclusive();
        }
    }

    private Card connect() throws Failed, CardException {
        if (terminal == null) {
            try {
                terminal = TerminalFactory.getInstance("PC/SC", null).terminals().getTerminal(reader);
            } catch (NoSuchAlgorithmException failure) {
                throw why(Lost.because(failure));
            }
        }
        if (terminal == null) {
            throw new Failed("no_reader", "there is no such reader");
        }
        return terminal.connect("*");
    }

    private void endExclusive() {
        if (card != null) {
            try {
                card.endExclusive();
            } catch (CardException | IllegalStateException gone) {
                letGo();
            }
        }
    }

    /** End a connection that has failed. */
    private Lost lost(Exception failure) {
        endExclusive();
        letGo();
        return Lost.because(failure);
    }

    private void letGo() {
        if (card != null) {
            try {
                card.disconnect(false);
            } catch (CardException gone) {
                // that is what was wanted
            }
            card = null;
        }
    }

    /** Say what became of the card when an answer was lost. */
    private Failed why(Lost lost) {
        String outcome = OUTCOMES.get(lost.getMessage());
        if (outcome == null) {
            outcome = cardIsPresent() ? "card_unreadable" : "card_removed";
        }
        return new Failed(outcome, lost.getMessage());
    }

    /** Ask the reader, which may need half a second to notice that a card has left. */
    private boolean cardIsPresent() {
        try {
            return terminal != null && !terminal.waitForCardAbsent(MILLISECONDS_TO_NOTICE);
        } catch (CardException gone) {
            return false;
        }
    }
}
