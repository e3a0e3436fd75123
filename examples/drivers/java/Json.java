package driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as Map, List, String, Long, Double, Boolean and null; with a library of yours this file is not needed. */
final class Json {
    private final String text;
    private int place;

    private Json(String text) {
        this.text = text;
    }

    /** Read one value. */
    static Object read(String text) {
        var json = new Json(text);
        Object value = json.value();
        if (json.peek() != '\0') {
            throw json.wrong();
        }
        return value;
    }

    /** Write one value on one line. */
    static String write(Object value) {
        var out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            String before = "{";
            for (var member : map.entrySet()) {
                write(member.getKey(), out.append(before));
                write(member.getValue(), out.append(':'));
                before = ",";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            String before = "[";
            for (Object element : list) {
                write(element, out.append(before));
                before = ",";
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else if (value instanceof String string) {
            out.append('"');
            for (char character : string.toCharArray()) {
                if (character == '"' || character == '\\') {
                    out.append('\\').append(character);
                } else if (character < ' ' || Character.isSurrogate(character)) {
                    out.append(String.format("\\u%04x", (int) character));
                } else {
                    out.append(character);
                }
            }
            out.append('"');
        } else {
            out.append(value);
        }
    }

    private Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        place++;
        while (peek() != '}') {
            String name = string();
            take(':');
            object.put(name, value());
            if (peek() != '}') {
                take(',');
            }
        }
        place++;
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        place++;
        while (peek() != ']') {
            array.add(value());
            if (peek() != ']') {
                take(',');
            }
        }
        place++;
        return array;
    }

    private String string() {
        take('"');
        var string = new StringBuilder();
        for (char next = next(); next != '"'; next = next()) {
            string.append(next == '\\' ? escaped() : next);
        }
        return string.toString();
    }

    private char escaped() {
        char kind = next();
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) Integer.parseInt("" + next() + next() + next() + next(), 16);
            default -> kind;
        };
    }

    private Object number() {
        int start = place;
        while (place < text.length() && "+-.0123456789eE".indexOf(text.charAt(place)) >= 0) {
            place++;
        }
        String number = text.substring(start, place);
        if (number.isEmpty()) {
            throw wrong();
        }
        return number.matches("-?[0-9]+") ? (Object) Long.valueOf(number) : Double.valueOf(number);
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, place)) {
            throw wrong();
        }
        place += word.length();
        return value;
    }

    /** The next character that is no white space, or NUL at the end. */
    private char peek() {
        while (place < text.length() && " \t\r\n".indexOf(text.charAt(place)) >= 0) {
            place++;
        }
        return place < text.length() ? text.charAt(place) : '\0';
    }

    private char next() {
        if (place >= text.length()) {
            throw wrong();
        }
        return text.charAt(place++);
    }

    private void take(char expected) {
        if (peek() != expected) {
            throw wrong();
        }
        place++;
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("no JSON at character " + place);
    }
}
