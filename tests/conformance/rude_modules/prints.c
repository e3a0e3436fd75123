/* Prints what looks like an answer, and the PIN, and eats what it can of the standard input. */
#define IN_LOGIN                                               \
    puts("{\"jsonrpc\": \"2.0\", \"id\": 2, \"result\": {}}"); \
    printf("the PIN is %s\n", typed);                          \
    while (getchar() != EOF) continue;
#define IN_LOGOUT puts("logged out");
#include "token.h"
