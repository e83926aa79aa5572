// Loeffler, Ligtenberg and Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications" (ICASSP 1989), rows first. 9 fraction
// bits in the factors and 4 guard bits in the values keep 12-bit samples within 32 bits, and are what the reference software of
// T.873 has, so that values equal those that pydicom gets from it.
const factorBits = 9;
const guardBits = 4;
const fixed = (value: number) => Math.round(value * 2 ** factorBits);
const F0298 = fixed(0.298631336);
const F0390 = fixed(0.390180644);
const F0541 = fixed(0.5411961);
const F0765 = fixed(0.765366865);
const F0899 = fixed(0.899976223);
const F1175 = fixed(1.175875602);
const F1501 = fixed(1.50132111);
const F1847 = fixed(1.847759065);
const F1961 = fixed(1.96157056);
const F2053 = fixed(2.053119869);
const F2562 = fixed(2.562915447);
const F3072 = fixed(3.072711026);

/**
 * Inverse cosine transform of one 8 x 8 block of dequantised coefficients, in place, without level shift.
 * @param block [64] in natural order; coefficients in, spatial values out
 */
export function inverseDct(block: Int32Array): void {
  for (let i = 0; i < 64; i++) block[i] = block[i]! << guardBits;
  for (let row = 0; row < 64; row += 8) pass(block, row, 1, factorBits);
  for (let column = 0; column < 8; column++) pass(block, column, 8, factorBits + 3);
  for (let i = 0; i < 64; i++) block[i] = (block[i]! + (1 << (guardBits - 1))) >> guardBits;
}

/** One 8-point transform of values `stride` apart, rounded down by `shift` bits. */
function pass(block: Int32Array, at: number, stride: number, shift: number): void {
  const half = 1 << (shift - 1);
  const v0 = block[at]!;
  const v1 = block[at + stride]!;
  const v2 = block[at + 2 * stride]!;
  const v3 = block[at + 3 * stride]!;
  const v4 = block[at + 4 * stride]!;
  const v5 = block[at + 5 * stride]!;
  const v6 = block[at + 6 * stride]!;
  const v7 = block[at + 7 * stride]!;

  const e = (v2 + v6) * F0541;
  const even2 = e - v6 * F1847;
  const even3 = e + v2 * F0765;
  const even0 = (v0 + v4) * 2 ** factorBits;
  const even1 = (v0 - v4) * 2 ** factorBits;
  const a0 = even0 + even3;
  const a3 = even0 - even3;
  const a1 = even1 + even2;
  const a2 = even1 - even2;

  const z5 = (v7 + v3 + v5 + v1) * F1175;
  const z1 = -(v7 + v1) * F0899;
  const z2 = -(v5 + v3) * F2562;
  const z3 = z5 - (v7 + v3) * F1961;
  const z4 = z5 - (v5 + v1) * F0390;
  const b0 = v7 * F0298 + z1 + z3;
  const b1 = v5 * F2053 + z2 + z4;
  const b2 = v3 * F3072 + z2 + z3;
  const b3 = v1 * F1501 + z1 + z4;

  block[at] = (a0 + b3 + half) >> shift;
  block[at + 7 * stride] = (a0 - b3 + half) >> shift;
  block[at + stride] = (a1 + b2 + half) >> shift;
  block[at + 6 * stride] = (a1 - b2 + half) >> shift;
  block[at + 2 * stride] = (a2 + b1 + half) >> shift;
  block[at + 5 * stride] = (a2 - b1 + half) >> shift;
  block[at + 3 * stride] = (a3 + b0 + half) >> shift;
  block[at + 4 * stride] = (a3 - b0 + half) >> shift;
}
