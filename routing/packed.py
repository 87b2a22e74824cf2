"""JSON kept small: explanations are written by the million, and say nearly the same in nearly the same words."""

import json
import zlib

from django.db import models

# What explanations have in common, the most frequent last. Never change a dictionary: what was packed with it is read
# with it. Add one, and pack with the newest.
DICTIONARIES = (
    b'"offline":1,"channel":,"reserved":1,"ringing":,"cooldown":,"skill:technical":,"skill:returns":,"skill:orders":,'
    b'"skill:billing":,"skill:lang.fr":,"skill:lang.es":,"skill:lang.de":1,"skill:lang.pl":2,"skill:lang.en":{"p":1,'
    b'"i":,"a":,"w":0.,"T":20,"e":1,"s":1,"k":1,"b":1,"x":{"away":1,"full":},"n":2,"t":"match affinity fairness load '
    b'scarcity guard","c":[[1,1000,0,-105,-250,-300],[,1000,0,150,0,-100,0],"m":,"o":{"match":,"fairness":,"load":,'
    b'"scarcity":,"guard":},"l":{"billing":4,"lang.pl":3}}',
)
RAW = -15  # neither header nor checksum


def pack(value) -> bytes:
    """`value` as compressed JSON; its first byte says with which dictionary."""
    number = len(DICTIONARIES) - 1
    deflate = zlib.compressobj(9, zlib.DEFLATED, RAW, 8, zlib.Z_DEFAULT_STRATEGY, DICTIONARIES[number])
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return bytes([number]) + deflate.compress(written) + deflate.flush()


def unpack(packed: bytes):
    """What was packed."""
    inflate = zlib.decompressobj(RAW, DICTIONARIES[packed[0]])
    return json.loads(inflate.decompress(bytes(packed[1:])) + inflate.flush())


class PackedJSONField(models.BinaryField):
    """A value of plain JSON, packed in the database and plain everywhere else."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else unpack(bytes(value))

    def get_db_prep_value(self, value, connection, prepared=False):
        return super().get_db_prep_value(None if value is None else pack(value), connection, prepared)

    def to_python(self, value):
        return value

    def value_to_string(self, row):
        return self.value_from_object(row)
