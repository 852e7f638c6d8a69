"""
RSA keys and certificates in every shape that Alipay's tools and people's clipboards produce.

Private keys come as PKCS#1 or PKCS#8, public keys as SubjectPublicKeyInfo or PKCS#1, each as PEM or as
bare base64 without header lines. Signing and checking pin SHA-256: a SHA-1 signature is never accepted.
"""

import base64
import binascii
import hashlib
import re
import warnings

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

SMALLEST_KEY_BITS = 2048  # what RSA2 asks for

# Alipay's root file holds an SM2 and an elliptic-curve root beside the RSA ones; only RSA ones count.
_RSA_SIGNATURES = "1.2.840.113549.1.1"
_RSA_OIDS = bytes.fromhex("06092a864886f70d0101")  # how an OID of that family begins in DER
_PEM = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----(?P<body>.*?)-----END (?P=label)-----", re.DOTALL)


class BadKeyError(ValueError):
    """The text is not a key or certificate of the wanted kind. The message never repeats the text."""


def load_private_key(text: str) -> RSAPrivateKey:
    """Read an application private key: PKCS#1 or PKCS#8, PEM or bare base64."""
    try:
        key = serialization.load_der_private_key(_der(text), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKeyError("not an unencrypted RSA private key in PKCS#1 or PKCS#8") from error
    if not isinstance(key, RSAPrivateKey):
        raise BadKeyError("a private key, but not an RSA one")
    _check_size(key.key_size)
    return key


def load_public_key(text: str) -> RSAPublicKey:
    """Read a public key (PEM or bare base64), or take the one inside a certificate."""
    der = _der(text)
    key: object
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        key = _key_of_certificate(der)
    if not isinstance(key, RSAPublicKey):
        raise BadKeyError("a public key, but not an RSA one")
    _check_size(key.key_size)
    return key


def load_certificate(text: str) -> x509.Certificate:
    """Read one X.509 certificate, PEM or bare base64."""
    try:
        return x509.load_der_x509_certificate(_der(text))
    except ValueError as error:
        raise BadKeyError("not an X.509 certificate") from error


def public_text(key: RSAPublicKey) -> str:
    """Write a public key the way Alipay's console shows it: bare base64 of SubjectPublicKeyInfo."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode("ascii")


def sign(key: RSAPrivateKey, content: bytes) -> str:
    """Sign as RSA2 does: SHA-256, PKCS#1 v1.5, base64."""
    return base64.b64encode(key.sign(content, padding.PKCS1v15(), hashes.SHA256())).decode("ascii")


def is_signed_by(key: RSAPublicKey, content: bytes, signature: str) -> bool:
    """Whether *signature* is that key's RSA2 signature of *content*. Never raises."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, content, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):  # binascii.Error is a ValueError
        return False
    return True


def certificate_sn(text: str) -> str:
    """
    Return Alipay's serial text of one certificate: MD5 of issuer name and decimal serial number.

    The issuer is written as RFC 4514 does, most particular part first. MD5 is Alipay's choice of name,
    not a protection.
    """
    return _sn(load_certificate(text))


def root_certificate_sn(text: str) -> str:
    """Return the serial texts of all RSA certificates in Alipay's root file, joined by underscores."""
    blocks = [match.group(0) for match in _PEM.finditer(text)] or [text]
    parts = [certificate_sn(block) for block in blocks if _is_rsa_signed(block)]
    if not parts:
        raise BadKeyError("no RSA certificate in the root file")
    return "_".join(parts)


def _is_rsa_signed(text: str) -> bool:
    """
    Whether the certificate is signed with RSA, even if nothing else of it can be read.

    The elliptic-curve root in Alipay's published file breaks RFC 5758 (it writes NULL parameters), so
    `cryptography` refuses to parse it. It does not count anyway; a damaged RSA root must not pass as such.
    """
    if _RSA_OIDS in _der(text):
        return load_certificate(text).signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES)
    return False


def _sn(certificate: x509.Certificate) -> str:
    named = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()


def _key_of_certificate(der: bytes) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a deprecated detail of somebody's certificate is not our news
        try:
            return x509.load_der_x509_certificate(der).public_key()
        except (ValueError, UnsupportedAlgorithm) as error:
            raise BadKeyError("neither an RSA public key nor a certificate") from error


def _check_size(bits: int) -> None:
    if bits < SMALLEST_KEY_BITS:
        raise BadKeyError(f"an RSA key of {bits} bits is too short; RSA2 needs {SMALLEST_KEY_BITS}")


def _der(text: str) -> bytes:
    """Take away header lines and white space; what is left is base64 of DER in every accepted shape."""
    match = _PEM.search(text)
    body = match.group("body") if match else text
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKeyError("not PEM and not base64") from error
