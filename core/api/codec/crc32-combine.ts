/**
 * The CRC-32 of bytes from those of their parts, as zlib's crc32_combine has it, which Node does not offer: a CRC is a polynomial over GF(2), and bytes that follow multiply it by
 * x to the power of their bits. Polynomials are reflected: the highest bit is the coefficient of 1.
 */

/** The CRC of what a part follows on. `crc`: of what stands before it. */
export const combinedCrc = (crc: number, part: { readonly crc: number; readonly operator: number }): number => (product(part.operator, crc) ^ part.crc) >>> 0;

/** x to the power of the bits of so many bytes, modulo the polynomial of CRC-32. */
export function operatorOf(bytes: number): number {
  let power = ONE;
  let square = 3;
  for (let left = bytes; left > 0; left = Math.floor(left / 2), square++) if (left % 2 === 1) power = product(squares[square % squares.length]!, power);
  return power;
}

const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;
const X = 0x40000000;

function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) sum ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return sum >>> 0;
}

/** x to the powers of 1, 2, 4, 8 …; after 32 of them they are the same again. */
const squares: number[] = [X];
while (squares.length < 32) squares.push(product(squares.at(-1)!, squares.at(-1)!));
