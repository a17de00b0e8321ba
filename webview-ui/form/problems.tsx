import type { VNode } from 'preact';
import { Icon } from '../controls/icon.tsx';
import { ask } from '../model/host.ts';
import type { PlacedProblem } from './form-layout.ts';
import { severityWord } from '../../src/analysis/metric-words.ts';
import { t } from '../../src/text/say.ts';

export const problemId = (index: number): string => `problem-${index}`;

/** Problems in the editor's words, each with its quick fixes. */
export const ProblemList = ({ problems }: { problems: PlacedProblem[] }): VNode | null =>
  problems.length === 0 ? null : (
    <ul class="problems">
      {problems.map(({ problem, index }) => (
        <li key={index} id={problemId(index)} tabIndex={-1} class={`problem problem-${problem.severity}`}>
          <Icon name={problem.severity} />
          <span>
            <span class="sr-only">{severityWord(problem.severity)}: </span>
            {problem.message}
            {problem.fixes.map((title, fix) => (
              <button
                key={title}
                type="button"
                class="link"
                onClick={() => void ask({ kind: 'fix', problem: index, fix }, t('apply "{0}"', title))}
              >
                {title}
              </button>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
