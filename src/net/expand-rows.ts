/** Writes blocks as blocks of one longer length: the elements of a hash that is asked by it. */
import type { PrefixRows } from "./prefix-rows.ts";

/**
 * The first addresses of all blocks of `bits` bits that are the rows longer than `above` and at most
 * `bits` long, in batches of up to `batchLength`. The array is used again for the next batch.
 */
export function* expandRows(
  rows: PrefixRows,
  above: number,
  bits: number,
  batchLength: number,
): Generator<Uint32Array> {
  const { wordsEach } = rows;
  const batch = new Uint32Array(batchLength * wordsEach);
  let at = 0;
  for (let row = 0; row < rows.length; row += 1) {
    const ownBits = rows.bits(row);
    if (ownBits <= above || ownBits > bits) continue;
    const blocks = 2 ** (bits - ownBits);
    for (let block = 0; block < blocks; block += 1) {
      for (let index = 0; index < wordsEach; index += 1) {
        batch[at + index] = rows.word(row, index) + wordOfBlock(block, bits, index);
      }
      at += wordsEach;
      if (at < batch.length) continue;
      yield batch;
      at = 0;
    }
  }
  if (at > 0) yield batch.subarray(0, at);
}

/** What the number of a block adds to one word of the address, the number ending at bit `bits`. */
function wordOfBlock(block: number, bits: number, index: number): number {
  if (block === 0) return 0;
  // How far the number's end lies behind the end of this word; a number has at most 53 bits.
  const behind = bits - (index + 1) * 32;
  if (behind <= -32 || behind >= 53) return 0;
  const moved = behind >= 0 ? Math.floor(block / 2 ** behind) : block * 2 ** -behind;
  return moved % 2 ** 32;
}
