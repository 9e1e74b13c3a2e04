// Positions: forcelint counts bytes of UTF-8, editors count UTF-16 code units.

/** Converts offsets in one text. */
export class Offsets {
  /** The byte at which each 1024th unit begins; absent for ASCII, where both are the same. */
  private readonly marks: number[] | undefined;

  constructor(private readonly text: string) {
    // A surrogate pair has four bytes, which are counted as two for each half.
    const isAscii = /^[\u0000-\u007f]*$/.test(text);
    if (isAscii) return;
    const marks: number[] = [];
    let bytes = 0;
    for (let at = 0; at < text.length; at++) {
      if (at % STEP === 0) marks.push(bytes);
      bytes += bytesOf(text.charCodeAt(at));
    }
    this.marks = marks;
  }

  /** The unit at which this byte begins. */
  unit(byte: number): number {
    if (this.marks === undefined) return Math.min(byte, this.text.length);
    let low = 0;
    let high = this.marks.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.marks[middle] ?? 0) <= byte) low = middle;
      else high = middle;
    }
    let unit = low * STEP;
    let bytes = this.marks[low] ?? 0;
    while (bytes < byte && unit < this.text.length) {
      bytes += bytesOf(this.text.charCodeAt(unit));
      unit += 1;
    }
    return unit;
  }
}

const STEP = 1024;

function bytesOf(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) return 2;
  return 3;
}
