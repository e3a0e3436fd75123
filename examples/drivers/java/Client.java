package driver;

import static driver.OnCard.command;

import driver.Link.Answer;
import driver.Link.Lost;
import driver.OnCard.Extent;
import driver.OnCard.Pin;
import java.util.Arrays;
import java.util.Map;

/**
 * What a user wants from a card; this is where your own client would be.
 *
 * <p>Each method that is not private is one action, and throws Failed where it does not succeed. A PIN is sent to the
 * card once for each action and is kept, logged and repeated nowhere.
 */
final class Client {
    private static final byte[] NOTHING = {};
    private static final int BLOCK = 256;
    private static final int END_OF_OFFSETS = 0x8000;

    private final Link link;

    Client(String reader) {
        link = new Link(reader);
    }

    /** Ask the card's own counter; that is free. */
    int triesLeft(Pin pin) throws Failed {
        return link.action(() -> query(pin));
    }

    /** Enter a PIN. */
    void verifyPin(Pin pin, String value) throws Failed {
        byte[] entry = pin.wellFormed(value);
        link.action(() -> {
            enterApplication(pin);
            return verify(pin, entry);
        });
    }

    /** Change a PIN whose current value is known: VERIFY that, then CHANGE REFERENCE DATA to the new one. */
    void changePin(Pin pin, String current, String chosen) throws Failed {
        if (!pin.chosen) {
            throw new Failed("not_permitted", "this PIN is not for its holder to choose");
        }
        byte[] entry = pin.wellFormed(current);
        byte[] change = pin.wellFormed(chosen);
        link.action(() -> {
            enterApplication(pin);
            verify(pin, entry);
            return sendPin(pin, command(0x00, 0x24, 0x01, 0x80, change));
        });
    }

    /** Read a certificate; only the sign certificate needs a PIN, and no other is given one. */
    byte[] readCertificate(String certificate, String pin) throws Failed {
        byte[] entry = pin == null || !certificate.equals("sign") ? null : Pin.SIGN.wellFormed(pin);
        return link.action(() -> {
            enterJpki(certificate, "cert_absent");
            if (entry != null) {
                verify(Pin.SIGN, entry);
            }
            return readObject(OnCard.CERTIFICATES.get(certificate), OnCard.CERTIFICATE_TAG, "cert_absent");
        });
    }

    /** Sign: PKCS#1 v1.5 over the digest, padded and computed by the card. */
    byte[] sign(String key, String pin, String hash, byte[] message) throws Failed {
        byte[] entry = pin == null ? null : Pin.named(key).wellFormed(pin);
        byte[] digestInfo = OnCard.digestInfo(hash, message);
        return link.action(() -> {
            enterJpki(key, "cert_absent");
            if (entry != null) {
                verify(Pin.named(key), entry);
            }
            selectFile(OnCard.KEYS.get(key), "cert_absent");
            return demand(command(0x80, 0x2A, 0x00, 0x80, digestInfo, BLOCK));
        });
    }

    /** Read the twelve digits. */
    String readMyNumber(String pin) throws Failed {
        return OnCard.myNumber(readText(OnCard.MY_NUMBER, OnCard.MY_NUMBER_TAG, pin));
    }

    /** Read name, address, birth date and sex. */
    Map<String, Object> readAttributes(String pin) throws Failed {
        return OnCard.attributes(readText(OnCard.ATTRIBUTES, OnCard.ATTRIBUTES_TAG, pin));
    }

    /** End the session with the card. */
    void close() {
        link.close();
    }

    // ------------------------------------------------------------ steps

    private int query(Pin pin) throws Failed, Lost {
        enterApplication(pin);
        selectFile(pin.file, "pin_absent");
        int sw = link.transmit(command(0x00, 0x20, 0x00, 0x80, NOTHING)).sw(); // VERIFY without data
        if ((sw & 0xFFF0) == 0x63C0) {
            return sw & 0x0F;
        }
        return switch (sw) {
            case 0x6983, 0x6984 -> 0;
            case 0x9000 -> pin.tries; // so say some cards while the PIN is verified, and a success restores all tries
            default -> throw refused(sw);
        };
    }

    private Void verify(Pin pin, byte[] entry) throws Failed, Lost {
        selectFile(pin.file, "pin_absent");
        return sendPin(pin, command(0x00, 0x20, 0x00, 0x80, entry));
    }

    private void enterApplication(Pin pin) throws Failed, Lost {
        if (pin.application == OnCard.JPKI) {
            enterJpki(pin.toString(), "pin_absent");
        } else {
            selectApplication(pin.application);
        }
    }

    /**
     * SELECT the JPKI application, unless it says that there is no such certificate, and hence no PIN for it.
     *
     * <p>Only this tells a PIN that was never set from a locked one: both have no tries.
     */
    private void enterJpki(String certificate, String absent) throws Failed, Lost {
        selectApplication(OnCard.JPKI);
        int place = OnCard.FLAGS.indexOf(certificate);
        if (place >= 0) {
            selectFile(OnCard.AVAILABLE, "card_unreadable");
            byte[] flags = read(0, 3);
            if (flags.length > place && flags[place] == 0x00) {
                throw new Failed(absent, "the card has no " + certificate + " certificate");
            }
        }
    }

    private void selectApplication(byte[] aid) throws Failed, Lost {
        byte[] select = command(0x00, 0xA4, 0x04, 0x0C, aid);
        int sw = link.transmit(select).sw();
        if (sw == 0x6F00) { // one card says this to its first command after power-on, whatever that is
            sw = link.transmit(select).sw();
        }
        if (sw == 0x6A82) {
            throw new Failed("wrong_card", "the card does not have this application");
        }
        if (sw != 0x9000) {
            throw refused(sw);
        }
    }

    private void selectFile(int file, String absent) throws Failed, Lost {
        int sw = link.transmit(command(0x00, 0xA4, 0x02, 0x0C, new byte[] {0x00, (byte) file})).sw();
        if (sw == 0x6A82) {
            throw new Failed(absent, String.format("the card has no file %04X", file));
        }
        if (sw != 0x9000) {
            throw refused(sw);
        }
    }

    /** Send what may cost a try: once. If its answer is lost, nobody knows whether it counted. */
    private Void sendPin(Pin pin, byte[] command) throws Failed {
        int sw;
        try {
            sw = link.transmit(command).sw();
        } catch (Lost lost) {
            throw new Failed("unknown_outcome", "the card was lost while it had the PIN: " + lost.getMessage());
        }
        if (sw == 0x63C0 || sw == 0x6983 || sw == 0x6984) {
            throw new Failed("locked", "the " + pin + " PIN is locked; the municipal office can reset it");
        }
        if ((sw & 0xFFF0) == 0x63C0) {
            int left = sw & 0x0F;
            throw new Failed("wrong_pin", "wrong PIN, tries left: " + left, left);
        }
        if (sw != 0x9000) {
            throw refused(sw);
        }
        return null;
    }

    private byte[] readText(int file, byte[] tag, String pin) throws Failed {
        byte[] entry = pin == null ? null : Pin.TEXT.wellFormed(pin);
        return link.action(() -> {
            selectApplication(OnCard.TEXT);
            if (entry != null) {
                verify(Pin.TEXT, entry);
            }
            return readObject(file, tag, "card_unreadable");
        });
    }

    /** Read the data object at the start of a file, and none of the filler behind it. */
    private byte[] readObject(int file, byte[] tag, String absent) throws Failed, Lost {
        selectFile(file, absent);
        byte[] data = read(0, BLOCK);
        if (data.length < tag.length || !Arrays.equals(data, 0, tag.length, tag, 0, tag.length)) {
            throw new Failed(absent, String.format("there is nothing in the file %04X", file));
        }
        Extent extent = OnCard.extent(data, tag.length);
        if (extent.end() > END_OF_OFFSETS) {
            throw new Failed("card_unreadable", "a file claims to be longer than files are");
        }
        while (data.length < extent.end()) {
            byte[] block = read(data.length, Math.min(BLOCK, extent.end() - data.length));
            if (block.length == 0) {
                throw new Failed("card_unreadable", "a file ends before its content");
            }
            int before = data.length;
            data = Arrays.copyOf(data, before + block.length);
            System.arraycopy(block, 0, data, before, block.length);
        }
        return Arrays.copyOf(data, extent.end());
    }

    private byte[] read(int offset, int count) throws Failed, Lost {
        Answer answer = link.transmit(command(0x00, 0xB0, offset >> 8, offset & 0xFF, NOTHING, count));
        return switch (answer.sw()) {
            case 0x9000 -> answer.data();
            case 0x6B00 -> NOTHING; // the file ends before this offset
            default -> throw refused(answer.sw());
        };
    }

    private byte[] demand(byte[] command) throws Failed, Lost {
        Answer answer = link.transmit(command);
        if (answer.sw() != 0x9000) {
            throw refused(answer.sw());
        }
        return answer.data();
    }

    private static Failed refused(int sw) {
        return sw == 0x6982
                ? new Failed("not_permitted", "the card wants a PIN for this")
                : new Failed("protocol_error", String.format("the card answered %04X", sw));
    }
}
