"""A reader and a writer of safetensors that share nothing with ours but the format's description
(huggingface/safetensors, README "Format"): the judge of what dlc reads and writes.

u64 header length, little-endian; the header, JSON, which begins with '{' and may end in spaces; the elements,
row-major, little-endian, which the entries cover without holes or overlap.
"""
import json
import struct
import zlib

import numpy as np

TYPES = {'BOOL': '|b1', 'U8': '|u1', 'I8': '|i1', 'I16': '<i2', 'U16': '<u2', 'F16': '<f2', 'I32': '<i4', 'U32': '<u4',
         'F32': '<f4', 'I64': '<i8', 'U64': '<u8', 'F64': '<f8'}
NAMES = {code: name for name, code in TYPES.items()}
MAX_HEADER = 100_000_000


def no_key_twice(pairs):
    keys = [k for k, _ in pairs]
    assert len(set(keys)) == len(keys), f'a key is there twice: {keys}'
    return dict(pairs)


def read(path):
    """The arrays and the metadata of a file; an AssertionError for one that breaks a rule."""
    with open(path, 'rb') as f:
        content = f.read()
    assert len(content) >= 8, 'shorter than a length'
    (length,) = struct.unpack('<Q', content[:8])
    assert length <= MAX_HEADER and 8 + length <= len(content), f'a header of {length} bytes'
    text, elements = content[8:8 + length], content[8 + length:]
    assert text[:1] == b'{', 'the header is no object'
    header = json.loads(text.decode('utf-8'), object_pairs_hook=no_key_twice)
    metadata = header.pop('__metadata__', {})
    assert all(isinstance(k, str) and isinstance(v, str) for k, v in metadata.items()), 'metadata is not text'
    arrays, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]['data_offsets']):
        assert set(entry) == {'dtype', 'shape', 'data_offsets'}, entry
        begin, after = entry['data_offsets']
        assert begin == end and after >= begin, f'{name}: a hole or an overlap at {begin}'
        dtype = np.dtype(TYPES[entry['dtype']])
        count = int(np.prod(entry['shape'], dtype=object)) if entry['shape'] else 1
        assert after - begin == count * dtype.itemsize, f'{name}: {after - begin} bytes'
        arrays[name] = np.frombuffer(elements[begin:after], dtype).reshape(entry['shape'])
        end = after
    assert end == len(elements), 'bytes follow the last tensor'
    return arrays, metadata


def checkpoint_checksum(arrays, metadata):
    """The "checksum" of a checkpoint of dlc (docs/data.md)."""
    ours = {'|b1': 'bool', '|u1': 'u8', '<i4': 'i32', '<i8': 'i64', '<u4': 'u32', '<u8': 'u64', '<f4': 'f32',
            '<f8': 'f64'}
    crc = 0

    def add_text(text):
        data = text.encode('utf-8')
        return zlib.crc32(data, zlib.crc32(f'{len(data)}:'.encode('utf-8'), crc))

    for name in sorted(arrays, key=lambda n: n.encode('utf-8')):
        array = arrays[name]
        crc = add_text(name)
        crc = add_text(f'{ours[array.dtype.str]}[{",".join(map(str, array.shape))}]')
        crc = zlib.crc32(array.tobytes(), crc)
    for key in sorted(metadata, key=lambda k: k.encode('utf-8')):
        if key != 'checksum':
            crc = add_text(key)
            crc = add_text(metadata[key])
    return f'crc32:{crc:08x}'


def write(path, arrays, metadata=None, pad=True, header_order=None):
    """Writes the arrays in the order given; `header_order`: the order of their entries in the header."""
    entries, elements = {}, b''
    for name, array in arrays.items():
        little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder('<')).reshape(array.shape)
        data = little.tobytes()
        entries[name] = {'dtype': NAMES[little.dtype.str], 'shape': list(array.shape),
                         'data_offsets': [len(elements), len(elements) + len(data)]}
        elements += data
    header = {name: entries[name] for name in header_order or entries}
    if metadata is not None:
        header['__metadata__'] = metadata
    text = json.dumps(header).encode('utf-8')
    if pad:
        text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + elements)
