"""Makes `vectors.txt`, the values that `src/known_answers.rs` expects, by other implementations of the primitives.

It follows the documentation and not the code: libsodium (PyNaCl) for XChaCha20-Poly1305 and Ed25519, OpenSSL (cryptography) for
X25519, HKDF, Argon2id and ChaCha20-Poly1305, of which HPKE is put together here as RFC 9180 says, the reference implementation of
SPAKE2 (spake2), and the package blake3.

    python3 -m venv v && v/bin/pip install pynacl cryptography spake2 blake3
    v/bin/python vectors.py > vectors.txt
"""

import hmac
import re
from pathlib import Path

from blake3 import blake3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as xchacha20poly1305
from nacl.signing import SigningKey
from spake2 import SPAKE2_A, SPAKE2_B
from spake2.parameters.ed25519 import ParamsEd25519

CHUNK = 64 << 10


def show(name: str, value: bytes | str) -> None:
    print(f"{name}: {value if isinstance(value, str) else value.hex()}")


class Draws:
    """`trust::testing::Draws`: the output of BLAKE3 over a seed."""

    def __init__(self, seed: int):
        self.hasher, self.at = blake3(seed.to_bytes(8, "little")), 0

    def fill(self, count: int) -> bytes:
        self.at += count
        return self.hasher.digest(self.at)[self.at - count :]


def derive(context: str, key: bytes) -> bytes:
    return blake3(key, derive_key_context=f"talus-tally v1 {context}").digest()


def repeated(byte: int) -> bytes:
    return bytes([byte]) * 32


# Attachments: src/seal/blob.rs


def seal_blob(key: bytes, plain: bytes) -> bytes:
    """STREAM: a nonce of 19 zeros, the number of the chunk and whether it is the last."""
    chunks = [plain[at : at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    sealed = b""
    for number, chunk in enumerate(chunks):
        is_last = number == len(chunks) - 1
        nonce = bytes(19) + number.to_bytes(4, "big") + bytes([is_last])
        sealed += xchacha20poly1305(chunk, b"", nonce, key)
    return sealed


def attachments() -> None:
    for length in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200_000):
        plain = bytes(i % 251 for i in range(length))
        show(f"hash of a sealed blob of {length}", blake3(seal_blob(repeated(3), plain)).digest())
    show("a sealed blob", seal_blob(repeated(3), b"an attachment"))
    content = blake3(b"an attachment").digest()
    show("a drawn key of a blob", derive("keys of attachments", Draws(1).fill(32) + content))
    keys = derive("keys of attachments by content", repeated(1))
    show("a key of a blob by content", blake3(content, key=keys).digest())


# What members read: src/seal.rs


def seal(key: bytes, use: str, header: bytes, plain: bytes, draws: Draws) -> bytes:
    """The nonce is a keyed hash over randomness, header and content; what is sealed begins with it."""
    hashed = draws.fill(32) + len(header).to_bytes(8, "little") + header + plain
    nonce = blake3(hashed, key=derive(f"nonces of {use}", key)).digest()[:24]
    return nonce + xchacha20poly1305(plain, header, nonce, derive(f"key of {use}", key))


def members() -> None:
    for use in ("frames", "signals", "previous keys", "deliveries"):
        show(f"sealed for {use}", seal(repeated(1), use, b"header", b"payload", Draws(1)))
    header = repeated(5) + (7).to_bytes(8, "big")
    show("a previous key", seal(repeated(1), "previous keys", header, repeated(2), Draws(1)))


# Devices: src/key.rs, src/key/words.rs, src/key/sealing.rs


def sign(seed: bytes, purpose: str, message: bytes) -> bytes:
    return SigningKey(seed).sign(f"talus-tally v1 {purpose}\0".encode() + message).signature


def public(seed: bytes) -> bytes:
    return bytes(SigningKey(seed).verify_key)


def device(seed: bytes) -> bytes:
    return derive("device id", public(seed))


def devices() -> None:
    frame = blake3(b"bytes").digest()
    show("signature of a frame", sign(repeated(1), "frame", frame))
    for purpose in ("signal", "membership record", "join by invitation", "sealing key"):
        show(f"signature: {purpose}", sign(repeated(1), purpose, b"bytes"))
    show("device", device(repeated(1)))
    source = (Path(__file__).parent / "src/key/words.rs").read_text()
    words = re.findall(r'"([a-z]{3,6})"', source.split("const LIST")[1].split("];")[0])
    assert len(words) == 256
    show("words", " ".join(words[byte] for byte in device(repeated(1))[:8]))


# What one device reads: src/seal/sealed.rs, HPKE by RFC 9180


def labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def labeled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, info).derive(key)


KEM = b"KEM" + (0x20).to_bytes(2, "big")
SUITE = b"HPKE" + (0x20).to_bytes(2, "big") + (1).to_bytes(2, "big") + (3).to_bytes(2, "big")


def x25519_public(secret: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def seal_to(recipient: bytes, room: bytes, plain: bytes, draws: Draws) -> bytes:
    fresh = derive("encapsulated keys", draws.fill(32) + recipient + room + plain)
    prk = labeled_extract(KEM, b"", b"dkp_prk", fresh)
    ephemeral = labeled_expand(KEM, prk, b"sk", b"", 32)
    encapsulated = x25519_public(ephemeral)
    peer = X25519PublicKey.from_public_bytes(recipient)
    shared = X25519PrivateKey.from_private_bytes(ephemeral).exchange(peer)
    prk = labeled_extract(KEM, b"", b"eae_prk", shared)
    secret = labeled_expand(KEM, prk, b"shared_secret", encapsulated + recipient, 32)
    info = b"talus-tally v1 epoch key\0" + room
    hashed = [labeled_extract(SUITE, b"", b"psk_id_hash", b""), labeled_extract(SUITE, b"", b"info_hash", info)]
    context = b"\0" + b"".join(hashed)
    prk = labeled_extract(SUITE, secret, b"secret", b"")
    key = labeled_expand(SUITE, prk, b"key", context, 32)
    nonce = labeled_expand(SUITE, prk, b"base_nonce", context, 12)
    return encapsulated + ChaCha20Poly1305(key).encrypt(nonce, plain, b"")


def epochs() -> None:
    show("sealed to a device", seal_to(x25519_public(repeated(2)), repeated(5), repeated(1), Draws(1)))


# Rooms and invitations: src/genesis.rs, src/invitation.rs


def cbor_bytes(value: bytes) -> bytes:
    return b"\x58" + bytes([len(value)]) + value


def rooms() -> None:
    for version in (1, 2):
        genesis = b"\x83" + bytes([version]) + cbor_bytes(public(repeated(1))) + cbor_bytes(repeated(2))
        show(f"room of version {version}", blake3(genesis).digest())
    show("key of an invitation", public(derive("invitation, signing", repeated(3))))
    show("sealing key of an invitation", x25519_public(derive("invitation, sealing", repeated(3))))


# Pairing: src/pairing.rs


def pairing() -> None:
    typing = b"talus-tally v1 pairing, types\0" + repeated(1)
    showing = b"talus-tally v1 pairing, shows\0" + repeated(2)
    drawn, fair = Draws(1), (1 << 32) - 1 - ((1 << 32) - 1) % 1_000_000
    while (number := int.from_bytes(drawn.fill(4), "little")) >= fair:
        pass
    code = f"{number % 1_000_000:06}"
    show("code", code)
    group = ParamsEd25519.group
    sides = []
    for side, draws in ((SPAKE2_A, Draws(2)), (SPAKE2_B, Draws(3))):
        scalar = int.from_bytes(draws.fill(64), "little") % group.order()
        group.random_scalar = lambda _, scalar=scalar: scalar
        one = side(code.encode(), typing, showing)
        sides.append((one, one.start()))
    (one, message), (other, answer) = sides
    key = one.finish(answer)
    assert key == other.finish(message)
    key = derive("pairing", key)
    show("message", message)
    show("answer", answer)
    show("the typing side confirms", derive("pairing, the typing side confirms", key))
    show("the showing side confirms", derive("pairing, the showing side confirms", key))
    to_showing = derive("pairing, to the showing side", key)
    show("delivered", seal(to_showing, "deliveries", b"", b"an invitation", Draws(4)))


# Passphrases: src/passphrase.rs


def passphrases() -> None:
    memory_kib, passes, lanes = 64 << 10, 3, 4
    draws = Draws(1)
    salt, nonce = draws.fill(16), draws.fill(24)
    kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib)
    header = memory_kib.to_bytes(4, "big") + bytes([passes, lanes]) + salt + nonce
    key = kdf.derive(b"correct horse")
    aad = b"talus-tally v1 passphrase\0" + header
    show("under a passphrase", header + xchacha20poly1305(b"a secret", aad, nonce, key))


for part in (attachments, members, devices, epochs, rooms, pairing, passphrases):
    part()
