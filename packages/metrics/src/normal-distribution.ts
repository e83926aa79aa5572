/**
 * Standard normal distribution function, absolute error below 1e-15: the series phi(x) (x + x^3/3 + x^5/15 + ...) near
 * 0, Laplace's continued fraction in the tails (Abramowitz and Stegun 26.2.11, 26.2.14).
 */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - normalCdf(-x);
  if (x < -40) return 0;
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  if (x > -3) {
    let term = -x;
    let sum = term;
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = -x;
  for (let k = 150; k >= 1; k--) fraction = -x + k / fraction;
  return density / fraction;
}

/**
 * Its inverse for 0 < p < 1 (-Infinity and Infinity at 0 and 1): Abramowitz and Stegun 26.2.23 as a start (error below
 * 4.5e-4), then Halley's method, whose error falls by the third power.
 */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let x = numerator / denominator - t;
  for (let step = 0; step < 3; step++) {
    const ratio = (normalCdf(x) - p) * Math.sqrt(2 * Math.PI) * Math.exp(0.5 * x * x);
    x -= ratio / (1 + 0.5 * x * ratio);
  }
  return x;
}
