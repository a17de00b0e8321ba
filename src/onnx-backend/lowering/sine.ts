import type { Graph, Value } from '../graph.ts';
import { add, div, mul, scalar, sub, unary } from '../ops/elementwise.ts';

/** sin, cos and tan to single precision, where a device's own are wrong from the fifth digit on: WGSL allows them 2^-11. */
export function trigonometric(g: Graph, op: string, x: Value): Value {
  const number = (value: number): Value => scalar(g, 'float32', value);
  const sine = (angle: Value): Value => {
    const turns = unary(g, 'Floor', add(g, mul(g, angle, number(1 / turn)), number(0.5)));
    // Less whole turns, taken off in two parts of which the first has few digits: from -pi to pi.
    const coarse = sub(g, angle, mul(g, turns, number(coarseTurn)));
    const rest = sub(g, coarse, mul(g, turns, number(turn - coarseTurn)));
    const square = mul(g, rest, rest);
    let sum = number(highest!);
    for (const term of lower) sum = add(g, mul(g, sum, square), number(term));
    return mul(g, rest, sum);
  };
  const cosine = (angle: Value): Value => sine(add(g, angle, number(Math.PI / 2)));
  if (op === 'Tan') return div(g, sine(x), cosine(x));
  return op === 'Sin' ? sine(x) : cosine(x);
}

const turn = 2 * Math.PI;
const coarseTurn = 6.28125;

/** Of sin(x) / x in x^2, the highest power first: what is left out is below 3e-8 at pi. */
const [highest, ...lower] = [17, 15, 13, 11, 9, 7, 5, 3, 1].map((power) => {
  let factorial = 1;
  for (let n = 2; n <= power; n++) factorial *= n;
  return (power % 4 === 1 ? 1 : -1) / factorial;
});
