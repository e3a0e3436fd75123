/* A PKCS#11 module with two small tokens and no card, so that the harness's host can be shown every answer.
 *
 * A module is one file that defines some of the macros below and includes this one. The PIN of each token is "right";
 * the PIN "rv=XX" is answered with the return code XX. A signature is 256 bytes of the number of logins so far.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef IN_INITIALIZE
#define IN_INITIALIZE
#endif
#ifndef IN_FINALIZE
#define IN_FINALIZE
#endif
#ifndef IN_SLOT_LIST
#define IN_SLOT_LIST
#endif
#ifndef IN_TOKEN_INFO
#define IN_TOKEN_INFO
#endif
#ifndef IN_LOGIN
#define IN_LOGIN
#endif
#ifndef IN_LOGOUT
#define IN_LOGOUT
#endif
#ifndef READER
#define READER(slot) "A reader 00 00"
#endif
#ifndef FLAGS
#define FLAGS 0x40C /* CKF_LOGIN_REQUIRED, CKF_USER_PIN_INITIALIZED, CKF_TOKEN_INITIALIZED */
#endif
#ifndef TELLS_FLAGS
#define TELLS_FLAGS 1 /* the token shows how many tries are left */
#endif
#ifndef ASKS_AGAIN
#define ASKS_AGAIN 0 /* each use of the key wants a login of its own, and insists on it */
#endif
#ifndef STAYS_LOGGED_IN
#define STAYS_LOGGED_IN 0 /* logging out does nothing; only finalising does */
#endif
#ifndef MOST_SESSIONS
#define MOST_SESSIONS 1000
#endif
#ifndef CERTIFICATE
#define CERTIFICATE "a certificate"
#endif
#ifndef MECHANISM
#define MECHANISM 0x01 /* CKM_RSA_PKCS */
#endif
#ifndef AUTH_LABEL
#define AUTH_LABEL "User Authentication"
#endif
#ifndef SIGN_LABEL
#define SIGN_LABEL "Digital Signature"
#endif

typedef unsigned long ulong;
typedef struct { unsigned char major, minor; } version;
typedef struct { version cryptoki; unsigned char maker[32]; ulong flags; unsigned char name[32]; version library; } info;
typedef struct { unsigned char name[64], maker[32]; ulong flags; version hardware, firmware; } slot_info;
typedef struct {
    unsigned char label[32], maker[32], model[16], serial[16];
    ulong flags, numbers[10];
    version hardware, firmware;
    unsigned char time[16];
} token_info;
typedef struct { ulong type; void *value; ulong size; } attribute;

enum { OK, ATTRIBUTE_TYPE_INVALID = 0x12, PIN_INCORRECT = 0xA0, SESSION_COUNT = 0xB1, ALREADY_LOGGED_IN = 0x100,
       NOT_LOGGED_IN = 0x101, ALREADY_INITIALIZED = 0x191 };
enum { A_CERTIFICATE = 1, A_PRIVATE_KEY = 3 };

static struct { const char *label; int most, left, logged_in; } tokens[2];
static struct { int slot, shown; ulong wanted; } sessions[64];
static ulong opened, closed, logins, initialized, affirmed;

static void pad(unsigned char *field, size_t size, const char *text) {
    memset(field, ' ', size);
    memcpy(field, text, strlen(text));
}

static ulong initialize(void *arguments) {
    (void)arguments;
    IN_INITIALIZE
    if (initialized++) return ALREADY_INITIALIZED;
    if (!tokens[0].label) {
        tokens[0].label = AUTH_LABEL, tokens[0].most = tokens[0].left = 3;
        tokens[1].label = SIGN_LABEL, tokens[1].most = tokens[1].left = 5;
    }
    return OK;
}

static ulong finalize(void *reserved) {
    (void)reserved;
    IN_FINALIZE
    tokens[0].logged_in = tokens[1].logged_in = 0;
    initialized = opened = closed = 0;
    return OK;
}

static ulong get_info(info *told) {
    memset(told, 0, sizeof *told);
    told->cryptoki.major = 2, told->cryptoki.minor = 40, told->library.major = 1;
    pad(told->maker, 32, "nobody"), pad(told->name, 32, "A test module");
    return OK;
}

static ulong get_slot_list(unsigned char present, ulong *slots, ulong *count) {
    (void)present;
    IN_SLOT_LIST
    if (slots) slots[0] = 0, slots[1] = 1;
    *count = 2;
    return OK;
}

static ulong get_slot_info(ulong slot, slot_info *told) {
    (void)slot;
    memset(told, 0, sizeof *told);
    pad(told->name, 64, READER(slot)), pad(told->maker, 32, "nobody");
    told->flags = 1;
    return OK;
}

static ulong get_token_info(ulong slot, token_info *told) {
    int left = tokens[slot].left;
    IN_TOKEN_INFO
    memset(told, 0, sizeof *told);
    pad(told->label, 32, tokens[slot].label);
    told->flags = FLAGS;
    if (TELLS_FLAGS && left < tokens[slot].most) told->flags |= left == 0 ? 0x40000 : left == 1 ? 0x20000 : 0x10000;
    return OK;
}

static ulong get_mechanism_list(ulong slot, ulong *list, ulong *count) {
    (void)slot;
    if (list) list[0] = MECHANISM;
    *count = 1;
    return OK;
}

static ulong open_session(ulong slot, ulong flags, void *application, void *notify, ulong *session) {
    (void)flags, (void)application, (void)notify;
    if (opened - closed >= MOST_SESSIONS) return SESSION_COUNT;
    *session = ++opened % 64;
    sessions[*session].slot = (int)slot;
    return OK;
}

static ulong close_session(ulong session) { return (void)session, closed++, OK; }

static ulong login(ulong session, ulong user, unsigned char *pin, ulong size) {
    int slot = sessions[session].slot;
    char typed[32] = {0};
    memcpy(typed, pin, size < 31 ? size : 31);
    IN_LOGIN
    if (user != 2 && tokens[slot].logged_in) return ALREADY_LOGGED_IN;
    if (!strncmp(typed, "rv=", 3)) return strtoul(typed + 3, NULL, 16);
    logins++;
    if (strcmp(typed, "right")) {
        if (tokens[slot].left) tokens[slot].left--;
        return PIN_INCORRECT;
    }
    tokens[slot].left = tokens[slot].most;
    if (user == 2) affirmed = 1;
    else tokens[slot].logged_in = 1;
    return OK;
}

static ulong logout(ulong session) {
    IN_LOGOUT
    if (!STAYS_LOGGED_IN) tokens[sessions[session].slot].logged_in = 0;
    return OK;
}

static ulong set_pin(ulong session, unsigned char *old, ulong old_size, unsigned char *new, ulong new_size) {
    (void)new, (void)new_size;
    ulong rv = login(session, 1, old, old_size);
    logout(session);
    return rv;
}

static ulong find_init(ulong session, attribute *template, ulong count) {
    sessions[session].wanted = count ? *(ulong *)template[0].value : 0;
    sessions[session].shown = 0;
    return OK;
}

static ulong find(ulong session, ulong *objects, ulong most, ulong *count) {
    int private = sessions[session].slot == 1 || sessions[session].wanted == A_PRIVATE_KEY;
    (void)most;
    *count = !sessions[session].shown++ && (!private || tokens[sessions[session].slot].logged_in);
    if (*count) objects[0] = sessions[session].wanted;
    return OK;
}

static ulong find_final(ulong session) { return (void)session, OK; }

static ulong give(attribute *wanted, const void *value, ulong size) {
    if (wanted->value) memcpy(wanted->value, value, size);
    wanted->size = size;
    return OK;
}

static size_t certificate(unsigned char *der) {
#ifdef CERTIFICATE_FILE
    FILE *file = fopen(CERTIFICATE_FILE, "rb");
    size_t size = file ? fread(der, 1, 4096, file) : 0;
    if (file) fclose(file);
    return size;
#else
    return strlen(strcpy((char *)der, CERTIFICATE));
#endif
}

static ulong get_attributes(ulong session, ulong object, attribute *list, ulong count) {
    ulong rv = OK, rsa = 0;
    unsigned char yes = 1, der[4096];
    const char *label = tokens[sessions[session].slot].label;
    for (ulong i = 0; i < count; i++) switch (list[i].type) {
        case 0x000: give(&list[i], &object, sizeof object); break; /* CKA_CLASS */
        case 0x003: give(&list[i], label, strlen(label)); break;   /* CKA_LABEL */
        case 0x100: give(&list[i], &rsa, sizeof rsa); break;       /* CKA_KEY_TYPE */
        case 0x108:                                                /* CKA_SIGN */
        case 0x202: give(&list[i], &yes, 1); break;                /* CKA_ALWAYS_AUTHENTICATE */
        case 0x011: give(&list[i], der, certificate(der)); break; /* CKA_VALUE */
        default: list[i].size = ~0UL, rv = ATTRIBUTE_TYPE_INVALID;
    }
    return rv;
}

static ulong sign_init(ulong session, void *mechanism, ulong key) {
    (void)session, (void)mechanism, (void)key;
    affirmed = 0;
    return OK;
}

static ulong sign(ulong session, unsigned char *data, ulong size, unsigned char *signature, ulong *length) {
    (void)session, (void)data, (void)size;
    *length = 256;
    if (!signature) return OK;
    if (ASKS_AGAIN && !affirmed) return NOT_LOGGED_IN;
    memset(signature, (int)logins, 256);
    return OK;
}

static ulong get_function_list(void **list);

/* The standard's order, up to the last function that is here. */
static struct { version version; void *functions[45]; } function_list = {{2, 40}, {
    [0] = initialize, [1] = finalize, [2] = get_info, [3] = get_function_list, [4] = get_slot_list,
    [5] = get_slot_info, [6] = get_token_info, [7] = get_mechanism_list, [11] = set_pin, [12] = open_session,
    [13] = close_session, [18] = login, [19] = logout, [24] = get_attributes, [26] = find_init, [27] = find,
    [28] = find_final, [42] = sign_init, [43] = sign,
}};

static ulong get_function_list(void **list) {
    *list = &function_list;
    return OK;
}

ulong C_GetFunctionList(void **list) { return get_function_list(list); }
