/* Logs in with a My Number Card through a PKCS#11 module, signs, and says in a sentence what came of it.
 *
 * Usage: login MODULE.so, with the PIN for user authentication on standard input. Exit status: 0 done, 1 the PIN is
 * wrong, 2 it is locked, 3 no card or no such PIN, 4 anything else.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* What is used of PKCS#11 2.40, under names of our own. */
typedef unsigned long ulong;
typedef struct {
    unsigned char label[32], maker[32], model[16], serial[16];
    ulong flags, numbers[10];
    unsigned char versions[4], time[16];
} token_info;
typedef struct { ulong type; void *value; ulong size; } attribute;
typedef struct { ulong mechanism; void *parameter; ulong size; } mechanism;

enum { CKR_OK = 0, CKR_PIN_INCORRECT = 0xA0, CKR_PIN_INVALID = 0xA1, CKR_PIN_LEN_RANGE = 0xA2, CKR_PIN_LOCKED = 0xA4 };
enum { CKF_SERIAL_SESSION = 4, CKF_USER_PIN_FINAL_TRY = 1 << 17, CKF_USER_PIN_LOCKED = 1 << 18 };
enum { CKU_USER = 1, CKA_CLASS = 0, CKO_PRIVATE_KEY = 3, CKM_SHA256_RSA_PKCS = 0x40 };
enum { DONE, WRONG, LOCKED, NOTHING_THERE, FAILED };

static ulong (*C_Initialize)(void *);
static ulong (*C_Finalize)(void *);
static ulong (*C_GetSlotList)(unsigned char, ulong *, ulong *);
static ulong (*C_GetTokenInfo)(ulong, token_info *);
static ulong (*C_OpenSession)(ulong, ulong, void *, void *, ulong *);
static ulong (*C_Login)(ulong, ulong, const char *, ulong);
static ulong (*C_Logout)(ulong);
static ulong (*C_FindObjectsInit)(ulong, attribute *, ulong);
static ulong (*C_FindObjects)(ulong, ulong *, ulong, ulong *);
static ulong (*C_FindObjectsFinal)(ulong);
static ulong (*C_SignInit)(ulong, mechanism *, ulong);
static ulong (*C_Sign)(ulong, const unsigned char *, ulong, unsigned char *, ulong *);

/* Find the module's functions; without one of them it cannot be used. */
static int load(const char *module) {
    const struct { const char *name; void *place; } functions[] = {
        {"C_Initialize", &C_Initialize}, {"C_Finalize", &C_Finalize}, {"C_GetSlotList", &C_GetSlotList},
        {"C_GetTokenInfo", &C_GetTokenInfo}, {"C_OpenSession", &C_OpenSession}, {"C_Login", &C_Login},
        {"C_Logout", &C_Logout}, {"C_FindObjectsInit", &C_FindObjectsInit}, {"C_FindObjects", &C_FindObjects},
        {"C_FindObjectsFinal", &C_FindObjectsFinal}, {"C_SignInit", &C_SignInit}, {"C_Sign", &C_Sign},
    };
    void *library = dlopen(module, RTLD_NOW);
    for (ulong i = 0; library && i < sizeof functions / sizeof *functions; i++)
        if (!(*(void **)functions[i].place = dlsym(library, functions[i].name))) return 0;
    return library != NULL;
}

static int say(int status, const char *sentence) {
    puts(sentence);
    return status;
}

/* Find the token of the PIN for user authentication; its name says whose PIN it has. */
static int find_token(ulong *slot, token_info *token) {
    ulong slots[16], count = 16;
    if (C_GetSlotList(1, slots, &count) != CKR_OK) return 0;
    for (ulong i = 0; i < count; i++) {
        if (C_GetTokenInfo(slots[i], token) != CKR_OK) continue;
        for (int at = 0; at + 19 <= 32; at++)
            if (!memcmp(token->label + at, "User Authentication", 19)) return *slot = slots[i], 1;
    }
    return 0;
}

/* Sign a challenge with the first private key; return the size of the signature, or 0. */
static ulong sign(ulong session) {
    ulong class = CKO_PRIVATE_KEY, key, found = 0, size = 512;
    attribute wanted = {CKA_CLASS, &class, sizeof class};
    mechanism how = {CKM_SHA256_RSA_PKCS, NULL, 0};
    unsigned char challenge[] = "a challenge", signature[512];
    if (C_FindObjectsInit(session, &wanted, 1) != CKR_OK) return 0;
    ulong searched = C_FindObjects(session, &key, 1, &found);
    C_FindObjectsFinal(session);
    if (searched != CKR_OK || !found || C_SignInit(session, &how, key) != CKR_OK) return 0;
    return C_Sign(session, challenge, sizeof challenge - 1, signature, &size) == CKR_OK ? size : 0;
}

/* Say what became of a PIN that was refused: the return code and the token's flags together tell it. */
static int refused(ulong slot, ulong code) {
    token_info token;
    int known = C_GetTokenInfo(slot, &token) == CKR_OK;
    if (code == CKR_PIN_LOCKED || (known && token.flags & CKF_USER_PIN_LOCKED))
        return say(LOCKED, "The PIN is locked. A counter of your municipality resets it.");
    if (code == CKR_PIN_LEN_RANGE || code == CKR_PIN_INVALID) return say(WRONG, "The PIN has four digits.");
    if (code != CKR_PIN_INCORRECT) return say(FAILED, "The card does not answer as expected.");
    if (known && token.flags & CKF_USER_PIN_FINAL_TRY) return say(WRONG, "The PIN is wrong; one try is left.");
    return say(WRONG, "The PIN is wrong.");
}

static int log_in(const char *pin) {
    token_info token;
    ulong slot, session, size;
    if (!find_token(&slot, &token)) return say(NOTHING_THERE, "There is no My Number Card with this PIN.");
    if (token.flags & CKF_USER_PIN_LOCKED) return refused(slot, CKR_PIN_LOCKED);
    if (C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
        return say(FAILED, "The card does not answer as expected.");
    ulong code = C_Login(session, CKU_USER, pin, strlen(pin));
    if (code != CKR_OK) return refused(slot, code);
    size = sign(session);
    C_Logout(session);
    if (!size) return say(FAILED, "The card does not sign.");
    printf("Welcome: a signature of %lu bytes.\n", size);
    return DONE;
}

int main(int count, char **arguments) {
    char pin[64];
    if (count != 2 || !fgets(pin, sizeof pin, stdin)) {
        fprintf(stderr, "usage: login MODULE.so, with the PIN on standard input\n");
        return FAILED;
    }
    pin[strcspn(pin, "\n")] = 0;
    if (!load(arguments[1])) {
        fprintf(stderr, "login: %s is no PKCS#11 module; install opensc-pkcs11\n", arguments[1]);
        return FAILED;
    }
    if (C_Initialize(NULL) != CKR_OK) return say(FAILED, "The module does not work here.");
    int status = log_in(pin);
    memset(pin, 0, sizeof pin);
    C_Finalize(NULL);
    return status;
}
