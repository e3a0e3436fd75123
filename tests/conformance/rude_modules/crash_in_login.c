/* Follows a null pointer when it is handed a PIN. */
#define IN_LOGIN *(volatile int *)0 = 0;
#include "token.h"
