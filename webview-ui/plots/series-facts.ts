import type { Series } from '../../src/protocol/state.ts';

/** A question to all values of a series, answered as it grows: what was looked at is not looked at again. */
function following<Answer extends { length: number }>(
  begin: () => Answer,
  take: (answer: Answer, values: Float64Array, to: number) => void,
): (series: Series) => Answer {
  const known = new WeakMap<Series, Answer>();
  return (series) => {
    let answer = known.get(series);
    // A resumed run takes values back.
    if (!answer || answer.length > series.length) known.set(series, (answer = begin()));
    take(answer, series.values, series.length);
    answer.length = series.length;
    return answer;
  };
}

/** Whether all values so far are one. */
export const constancy = following(
  () => ({ length: 0, isConstant: true }),
  (answer, values, to) => {
    for (let i = answer.length; i < to && answer.isConstant; i++)
      answer.isConstant = Object.is(values[i], values[0]);
  },
);

/** How many values a logarithmic axis cannot show. */
export const notPositive = following(
  () => ({ length: 0, count: 0 }),
  (answer, values, to) => {
    let { count } = answer;
    for (let i = answer.length; i < to; i++) if (values[i]! <= 0) count++;
    answer.count = count;
  },
);
