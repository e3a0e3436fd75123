"""A program of its own: the same with python-pkcs11 and OpenSC's module; arguments: where to write, and the module."""

from __future__ import annotations

import sys
from pathlib import Path

import pkcs11

PINS = {"auth": ("JPKI (User Authentication PIN)", "1234"), "sign": ("JPKI (Digital Signature PIN)", "ABC123")}
NAMES = {
    "User Authentication Certificate": "auth",
    "User Authentication Certificate CA": "auth_ca",
    "Digital Signature Certificate": "sign",
    "Digital Signature Certificate CA": "sign_ca",
}


def main(where: Path, module: str) -> None:
    library = pkcs11.lib(module)
    document = (where / "document").read_bytes()
    for name, (token, pin) in PINS.items():
        with library.get_token(token_label=token).open(user_pin=pin) as session:
            for certificate in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}):
                label = certificate[pkcs11.Attribute.LABEL]
                (where / f"{NAMES[label]}.der").write_bytes(certificate[pkcs11.Attribute.VALUE])
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY)
            assert isinstance(key, pkcs11.SignMixin)
            signature = key.sign(document, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)
            (where / f"{name}.signature").write_bytes(signature)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
