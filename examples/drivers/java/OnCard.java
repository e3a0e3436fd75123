package driver;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is known of every card: where things are, how files are written, and what goes into a signature. */
final class OnCard {
    static final byte[] ABOVE = bytes("A0000001510000");
    static final byte[] JPKI = bytes("D392F000260100000001");
    static final byte[] TEXT = bytes("D3921000310001010408");
    static final byte[] JUKI = bytes("D3921000310001010401");

    static final Map<String, Integer> CERTIFICATES =
            Map.of("sign", 0x01, "sign_ca", 0x02, "auth", 0x0A, "auth_ca", 0x0B);
    static final Map<String, Integer> KEYS = Map.of("sign", 0x1A, "auth", 0x17);
    static final int AVAILABLE = 0x08;
    /** Whose absence the bytes of AVAILABLE tell, by 00. */
    static final List<String> FLAGS = List.of("sign", "auth");
    static final int MY_NUMBER = 0x01;
    static final int ATTRIBUTES = 0x02;
    static final byte[] MY_NUMBER_TAG = bytes("FF10");
    static final byte[] ATTRIBUTES_TAG = bytes("FF20");
    static final byte[] CERTIFICATE_TAG = bytes("30");

    private static final Map<String, byte[]> DIGEST_INFO = Map.of(
            "sha256", bytes("3031300D060960864801650304020105000420"),
            "sha384", bytes("3041300D060960864801650304020205000430"),
            "sha512", bytes("3051300D060960864801650304020305000440"));
    private static final Map<String, String> ALGORITHMS =
            Map.of("sha256", "SHA-256", "sha384", "SHA-384", "sha512", "SHA-512");
    private static final Map<String, String> SEXES = Map.of("1", "male", "2", "female", "9", "not_applicable");

    private OnCard() {}

    /** Where each PIN is, what it looks like, how many tries it has; whether its holder may choose another. */
    enum Pin {
        SIGN(JPKI, 0x1B, "[A-Za-z0-9]{6,16}", 5, true),
        AUTH(JPKI, 0x18, "[0-9]{4}", 3, true),
        TEXT(OnCard.TEXT, 0x11, "[0-9]{4}", 3, true),
        JUKI(OnCard.JUKI, 0x1C, "[0-9]{4}", 3, false),
        NUMBER_A(OnCard.TEXT, 0x14, "[0-9]{12}", 10, false),
        NUMBER_B(OnCard.TEXT, 0x15, "[0-9]{14}", 10, false);

        final byte[] application;
        final int file;
        final int tries;
        final boolean chosen;
        private final String form;

        Pin(byte[] application, int file, String form, int tries, boolean chosen) {
            this.application = application;
            this.file = file;
            this.form = form;
            this.tries = tries;
            this.chosen = chosen;
        }

        static Pin named(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** What goes to the card for an entry; one that cannot be right ends here, and costs no try. */
        byte[] wellFormed(String typed) throws Failed {
            // Full-width digits and letters are typed easily in Japanese.
            String value = Normalizer.normalize(typed, Normalizer.Form.NFKC);
            if (!value.matches(form)) {
                String message = "no " + this + " PIN looks like that; nothing was sent to the card";
                throw new Failed("format_rejected", message);
            }
            return value.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII); // the card knows only capitals
        }
    }

    /** Where the value of a data object begins and ends. */
    record Extent(int start, int end) {}

    static byte[] command(int cla, int ins, int p1, int p2, byte[] data) {
        return command(cla, ins, p1, p2, data, 0);
    }

    /** Build a short command APDU; `ne` is how many bytes are wanted, up to 256. */
    static byte[] command(int cla, int ins, int p1, int p2, byte[] data, int ne) {
        var apdu = new ByteArrayOutputStream();
        for (int octet : new int[] {cla, ins, p1, p2}) {
            apdu.write(octet);
        }
        if (data.length > 0) {
            apdu.write(data.length);
            apdu.writeBytes(data);
        }
        if (ne > 0) {
            apdu.write(ne);
        }
        return apdu.toByteArray();
    }

    /** What the card is asked to sign. */
    static byte[] digestInfo(String hash, byte[] message) {
        try {
            byte[] digest = MessageDigest.getInstance(ALGORITHMS.get(hash)).digest(message);
            byte[] before = DIGEST_INFO.get(hash);
            return ByteBuffer.allocate(before.length + digest.length).put(before).put(digest).array();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Read the header of a BER data object. Some cards write 82 hh ll for a short one. */
    static Extent extent(byte[] data, int tagSize) throws Failed {
        int first = data.length > tagSize ? data[tagSize] & 0xFF : 0x80;
        int start = tagSize + 1 + (first > 0x80 ? first - 0x80 : 0);
        if (first == 0x80 || first > 0x83 || data.length < start) {
            throw new Failed("card_unreadable", "a file on the card does not begin with a data object");
        }
        int length = first > 0x80 ? 0 : first;
        for (int place = tagSize + 1; place < start; place++) {
            length = length << 8 | data[place] & 0xFF;
        }
        return new Extent(start, start + length);
    }

    /** The twelve digits in the record of MY_NUMBER. */
    static String myNumber(byte[] record) throws Failed {
        return text(value(record, extent(record, 2)));
    }

    /** The four attributes in the record of ATTRIBUTES. */
    static Map<String, Object> attributes(byte[] record) throws Failed {
        Map<String, byte[]> found = new HashMap<>();
        byte[] rest = value(record, extent(record, 2));
        while (rest.length > 0) {
            Extent next = extent(rest, 2);
            found.put(HexFormat.of().formatHex(rest, 0, 2), value(rest, next));
            rest = Arrays.copyOfRange(rest, next.end(), rest.length);
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("name", text(found.get("df22")));
        attributes.put("address", text(found.get("df23")));
        attributes.put("birth_date", text(found.get("df24")).replaceFirst("^(....)(..)(..)$", "$1-$2-$3"));
        attributes.put("sex", SEXES.getOrDefault(text(found.get("df25")), "unknown"));
        return attributes;
    }

    private static byte[] value(byte[] data, Extent extent) throws Failed {
        if (extent.end() > data.length) {
            throw new Failed("card_unreadable", "a data object on the card is cut short");
        }
        return Arrays.copyOfRange(data, extent.start(), extent.end());
    }

    private static String text(byte[] value) throws Failed {
        if (value == null) {
            throw new Failed("card_unreadable", "an attribute is missing on the card");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new Failed("card_unreadable", "a text on the card is not UTF-8");
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
