"""A private certificate authority, and what DANE and PKIX need of it."""

import datetime
import hashlib
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Certificate:
    """One certificate with its key; `chain` is the PEM file to be served."""

    def __init__(self, folder, name, cert, key, issuers=()):
        self.name, self.cert, self.key = name, cert, key
        self.chain = os.path.join(folder, name + ".pem")
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())
        for one in (cert, *issuers):
            pem += one.public_bytes(serialization.Encoding.PEM)
        with open(self.chain, "wb") as f:
            f.write(pem)

    def tlsa(self, usage, selector=1):
        """The RDATA of a TLSA record with SHA-256: `3 1 1 …`."""
        if selector == 1:
            data = self.cert.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        else:
            data = self.cert.public_bytes(serialization.Encoding.DER)
        return f"{usage} {selector} 1 {hashlib.sha256(data).hexdigest()}"


class Authority:
    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.cert = self.sign("Postern lab CA", self.key.public_key(), None)
        self.file = os.path.join(folder, "ca.pem")
        with open(self.file, "wb") as f:
            f.write(self.cert.public_bytes(serialization.Encoding.PEM))
        self.root = Certificate(folder, "ca-with-key", self.cert, self.key)

    def sign(self, name, public, dns_names, self_key=None, over=False):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.utcnow()
        ends = now - DAY / 2 if over else now + 30 * DAY
        issuer = subject if dns_names is None or self_key else self.cert.subject
        cert = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
                .public_key(public).serial_number(x509.random_serial_number())
                .not_valid_before(now - DAY).not_valid_after(ends)
                .add_extension(x509.BasicConstraints(dns_names is None, None), True))
        if dns_names:
            names = x509.SubjectAlternativeName([x509.DNSName(n) for n in dns_names])
            cert = cert.add_extension(names, False)
        return cert.sign(self_key or self.key, hashes.SHA256())

    def issue(self, name, san=True, over=False):
        """A certificate for this DNS name, signed by this authority; without san the name is
        its Common Name alone, and with over its time has passed."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert = self.sign(name, key.public_key(), [name] if san else [], over=over)
        file = name + (".over" if over else "") + ("" if san else ".cn")
        return Certificate(self.folder, file, cert, key, [self.cert])

    def self_signed(self, name):
        key = ec.generate_private_key(ec.SECP256R1())
        cert = self.sign(name, key.public_key(), [name], self_key=key)
        return Certificate(self.folder, name + ".self", cert, key)
