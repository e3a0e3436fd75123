/* Ends the program that initialises it. */
#define IN_INITIALIZE fputs("no licence\n", stderr), exit(3);
#include "token.h"
