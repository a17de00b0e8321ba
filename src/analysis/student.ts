/** A sample's size, mean and standard deviation (n - 1; NaN for one value). */
export interface Sample {
  count: number;
  mean: number;
  spread: number;
}

export function sampleOf(values: number[]): Sample {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, spread: count > 1 ? Math.sqrt(squares / (count - 1)) : NaN };
}

/**
 * How far apart the means of two samples must be to be told apart: the half width of Welch's 95% confidence interval of their
 * difference. NaN when a sample has fewer than two values, and when neither has any spread: that nothing varied in a few runs does not
 * say that nothing would.
 */
export function tellsApart(a: Sample, b: Sample): number {
  if (a.count < 2 || b.count < 2) return NaN;
  const [va, vb] = [a.spread ** 2 / a.count, b.spread ** 2 / b.count];
  if (va + vb === 0) return NaN;
  const freedom = (va + vb) ** 2 / (va ** 2 / (a.count - 1) + vb ** 2 / (b.count - 1));
  return studentQuantile(0.975, freedom) * Math.sqrt(va + vb);
}

/** The t below which a share `p` (above 0.5) of Student's distribution lies. */
export function studentQuantile(p: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (shareBelow(high, freedom) < p && high < 1e12) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (shareBelow(middle, freedom) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T < t) for t of zero or more: 1 - I(v / (v + t^2); v/2, 1/2) / 2. */
const shareBelow = (t: number, freedom: number): number =>
  1 - incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;

/** Regularised incomplete beta function, by its continued fraction (Lentz), which is turned round where it converges faster. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return (front * fraction) / a;
}

/** Stirling's series, after raising the argument to where it holds to 1e-14. */
function logGamma(x: number): number {
  let shift = 0;
  while (x < 10) shift += Math.log(x++);
  const square = 1 / (x * x);
  const tail = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + tail - shift;
}
