"""Hostile media: seeds in every format that ffmpeg can make, mutants of them, and files made by hand."""

from __future__ import annotations

import gzip
import io
import random
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from imageio_ffmpeg import get_ffmpeg_exe

from tests.benchmarks.attack.mutation import mutate, tool, tools
from tests.support.media_files import with_external_track

SECONDS = 1.5  # of a seed: enough for several packets, and of a tone, so that no text is sought in it
TONE = f"sine=frequency=440:sample_rate=16000:duration={SECONDS}"
PICTURE = f"testsrc=duration={SECONDS}:size=64x64:rate=5"
# By suffix, what ffmpeg is to be told besides.
AUDIO: dict[str, tuple[str, ...]] = {
    "wav": (), "float.wav": ("-c:a", "pcm_f32le"), "ulaw.wav": ("-c:a", "pcm_mulaw"),
    "adpcm.wav": ("-c:a", "adpcm_ms"), "mp3": (), "flac": (), "ogg": (), "opus": (), "m4a": (),
    "alac.m4a": ("-c:a", "alac"), "aac": (), "aiff": (), "au": (), "caf": (), "w64": (),
    "rf64.wav": ("-rf64", "always"),
    "wma": (), "ac3": (), "eac3": (), "tta": (), "wv": (), "mka": (), "mp2": (), "voc": (), "ircam.sf": (), "spx": (),
    "amr": ("-ar", "8000", "-ac", "1"), "gsm.wav": ("-c:a", "libgsm_ms", "-ar", "8000"), "oga": (), "sox": (),
    "dts": ("-strict", "-2"),
}  # fmt: skip
VIDEO: dict[str, tuple[str, ...]] = {
    "mp4": (), "fragmented.mp4": ("-movflags", "frag_keyframe+empty_moov"), "mov": (), "mkv": (), "webm": (), "avi": (),
    "ts": (), "flv": (), "mpg": (), "3gp": ("-c:a", "aac"), "wmv": (), "nut": (), "mxf": ("-ar", "48000"), "ogv": (),
}  # fmt: skip


class Medium(NamedTuple):
    """A file to send; `name` says how it was made."""

    name: str
    data: bytes


def seeds(folder: Path) -> list[Medium]:
    """Makes a second of sound in each format that this ffmpeg knows; the others are left out."""
    made = []
    for kinds, inputs in ((AUDIO, (TONE,)), (VIDEO, (TONE, PICTURE))):
        for suffix, extra in kinds.items():
            path = folder / f"seed.{suffix}"
            sources = [part for source in inputs for part in ("-f", "lavfi", "-i", source)]
            command = [get_ffmpeg_exe(), "-nostdin", "-v", "quiet", "-y", *sources, *extra, str(path)]
            done = subprocess.run(command, check=False, timeout=60)
            if done.returncode == 0 and path.stat().st_size:
                made.append(Medium(suffix, path.read_bytes()))
    return made


def mutants(originals: list[Medium], count: int, seed: int, mutator: str) -> Iterator[Medium]:
    """Yields spoiled files, each format in turn.

    mutator  "own", "zzuf", "radamsa", or "auto": the own and those that are installed in turn
    """
    ways = ["own", *tools()] if mutator == "auto" else [mutator]
    others = [medium.data for medium in originals]
    for number in range(count):
        medium = originals[number % len(originals)]
        way = ways[number // len(originals) % len(ways)]
        name = f"{way} mutant {seed + number} of {medium.name}"
        if way == "own":
            yield Medium(name, mutate(medium.data, seed + number, others))
        else:
            yield Medium(name, tool(way, medium.data, seed + number))


def handmade(originals: list[Medium], secret: Path, address: str) -> Iterator[Medium]:
    """Yields files that lie, and files that point at a secret recording or an address."""
    by_name = {medium.name: medium.data for medium in originals}
    yield from _lying_wavs()
    yield from _playlists(secret, address)
    yield from _containers(by_name, secret)
    yield from _no_media(secret)


def wav_head(channels: int, rate: int, bits: int, claimed: int, tag: int = 1) -> bytes:
    """Returns the head of a WAV file, whatever it claims."""
    block = max(1, channels * bits // 8) & 0xFFFF
    form = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, tag, channels, rate, rate * block & 0xFFFFFFFF, block, bits & 0xFFFF
    )
    riff = b"RIFF" + struct.pack("<I", claimed + 36 & 0xFFFFFFFF) + b"WAVE"
    return riff + form + struct.pack("<4sI", b"data", claimed)


def _lying_wavs() -> Iterator[Medium]:
    sound = bytes(32_000)
    for channels in (0, 1, 64, 65, 255, 256, 1024, 32_767, 65_535):
        yield Medium(f"wav of {channels} channels", wav_head(channels, 16_000, 16, len(sound)) + sound)
    for rate in (0, 1, 100, 8_000_000, 0x7FFFFFFF, 0xFFFFFFFF):
        yield Medium(f"wav at {rate} Hz", wav_head(1, rate, 16, len(sound)) + sound)
    for bits in (0, 1, 3, 7, 8, 24, 33, 64, 255, 65_535):
        yield Medium(f"wav of {bits} bits", wav_head(1, 16_000, bits, len(sound)) + sound)
    for claimed in (0, 1, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF):
        yield Medium(f"wav that claims {claimed} bytes", wav_head(1, 16_000, 16, claimed) + sound)
    for tag in (0, 2, 3, 6, 7, 17, 0x55, 0xA0, 0xFFFE, 0xFFFF):
        yield Medium(f"wav of format {tag}", wav_head(1, 16_000, 16, len(sound), tag) + sound)
    chunk = b"LIST" + struct.pack("<I", 4) + b"INFO"
    yield Medium("wav of 50,000 chunks", wav_head(1, 16_000, 16, 0)[:36] + chunk * 50_000)
    yield Medium("wav of silence", wav_head(1, 8_000, 8, 480_000) + b"\x80" * 480_000)


def _playlists(secret: Path, address: str) -> Iterator[Medium]:
    for target in (
        str(secret),
        f"file://{secret}",
        address,
        f"concat:{secret}",
        f"subfile,,start,0,end,0,,:{secret}",
    ):
        texts = {
            "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{target}\n#EXT-X-ENDLIST\n",
            "hls master": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n",
            "hls key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{target}"\n#EXTINF:3,\n{target}\n#EXT-X-ENDLIST\n',
            "m3u": f"{target}\n",
            "pls": f"[playlist]\nFile1={target}\nNumberOfEntries=1\n",
            "concat": f"ffconcat version 1.0\nfile '{target}'\n",
            "dash": f"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>{target}</BaseURL></MPD>",
            "smil": f"<smil><body><audio src='{target}'/></body></smil>",
            "asx": f"<asx version='3.0'><entry><ref href='{target}'/></entry></asx>",
            "reference": f"[Reference]\nRef1={target}\n",
            "imf": f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM '{target}'>]><AssetMap>&x;</AssetMap>",
            "movie filter": f"amovie={target}",
            "metadata": f";FFMETADATA1\ntitle={target}\n",
        }
        for kind, text in texts.items():
            yield Medium(f"{kind} to {target}", text.encode())
    yield Medium(
        "sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"
    )


def _containers(seeds: dict[str, bytes], secret: Path) -> Iterator[Medium]:
    if "mov" in seeds:
        yield Medium(
            "mov whose sound lies elsewhere", with_external_track(seeds["mov"], str(secret).encode())
        )
    brand = struct.pack(">I4s8s", 16, b"ftyp", b"isom\0\0\0\0")
    yield Medium("mp4 of 100,000 boxes", brand + struct.pack(">I4s", 8, b"free") * 100_000)
    nested = b""
    for _ in range(2_000):
        nested = struct.pack(">I4s", len(nested) + 8, b"moov") + nested
    yield Medium("mp4 nested 2,000 deep", brand + nested)
    yield Medium("mp4 with a box of 2^63 bytes", brand + struct.pack(">I4sQ", 1, b"moov", 1 << 63))
    samples = struct.pack(">I4sIIII", 24, b"stsz", 0, 0, 1, 0xFFFFFFFF)
    yield Medium("mp4 of 2^32 samples", brand + samples)
    yield Medium("mkv with a size of 2^56", b"\x1a\x45\xdf\xa3\x01" + b"\xff" * 7 + bytes(1000))
    yield Medium("mp3 with an ID3 tag of 256 MB", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + seeds.get("mp3", b""))
    stream = b"\x10\0\x10\0" + bytes(6) + b"\x0a\xc4\x42\xff\xff\xff\xff\xff" + bytes(500)
    yield Medium("flac of 2^36 samples", b"fLaC\0\0\0\x22" + stream)
    late = b"OggS\0\0" + ((1 << 62) - 1).to_bytes(8, "little")
    yield Medium("ogg that ends at 2^62", late + seeds.get("ogg", b"")[14:])
    for name in ("wav", "mp3", "mp4", "mkv", "ogg", "flac"):
        data = seeds.get(name, b"")
        yield Medium(f"{name} gzipped", gzip.compress(data))
        yield Medium(f"{name} reversed", data[::-1])
        yield Medium(f"{name} doubled", data + data)


def _no_media(secret: Path) -> Iterator[Medium]:
    chance = random.Random(0)
    yield Medium("nothing", b"")
    for byte in (0, 10, 255):
        yield Medium(f"one byte {byte}", bytes([byte]))
        yield Medium(f"a megabyte of {byte}", bytes([byte]) * 1_000_000)
    for count in (10, 1000, 300_000):
        yield Medium(f"{count} bytes of noise", chance.randbytes(count))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", bytes(50_000_000))
    yield Medium("zip of 50 MB of zeros", archive.getvalue())
    yield Medium("gzip of 50 MB of zeros", gzip.compress(bytes(50_000_000)))
    yield Medium("text", b"Dear diary, today I said nothing.\n" * 200)
    yield Medium("html", b"<!doctype html><html><body><script>alert(1)</script></body></html>")
    yield Medium("pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" * 50)
    yield Medium("subtitles", b"1\n00:00:00,000 --> 99:59:59,999\nwords\n" * 1000)
    yield Medium(
        "svg", f"<svg xmlns='http://www.w3.org/2000/svg'><image href='file://{secret}'/></svg>".encode()
    )
    size = struct.pack(">IIBBBBBI", 1 << 15, 1 << 15, 8, 6, 0, 0, 0, 0)
    yield Medium("png of 2^30 pixels", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size)
    frame = b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0"
    yield Medium("gif of many frames", b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + frame * 20_000)
