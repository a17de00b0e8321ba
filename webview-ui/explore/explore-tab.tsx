import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { atChanceText } from '../../src/analysis/metric-words.ts';
import { counted } from '../../src/text/numbers.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { Button, Select } from '../controls/controls.tsx';
import { Icon } from '../controls/icon.tsx';
import { runName } from '../model/run-colours.ts';
import {
  asking,
  candidates,
  chosenRun,
  facts,
  folder,
  index,
  openRun,
  pick,
  problem,
  run,
  useModel,
} from './explore-model.ts';
import { WhereWordsLook } from './attention-view.tsx';
import { Search } from './search-view.tsx';
import { EmbeddingMapView } from './map-view.tsx';
import { ModelProgressBar } from './model-progress.tsx';
import { OtherData } from './other-data.tsx';
import { Wrong } from './wrong-view.tsx';

/** A finished model at work: its run, the folder it searches, what it finds, and what it gets wrong. */
export function ExploreTab(): VNode {
  const one = run.value;
  useEffect(() => void openRun(), [one?.id]);
  if (!one)
    return (
      <p class="muted">
        {t(
          'No run has a checkpoint yet. Train one: when its first checkpoint is there, it can be searched with.',
        )}
      </p>
    );
  return (
    <div class="explore">
      <Model />
      {problem.value && (
        <p class="error-text" role="alert">
          {problem.value}
        </p>
      )}
      {facts.value && (
        <>
          <Search />
          <WhereWordsLook />
          <Wrong />
          <EmbeddingMapView />
          {facts.value.evaluations.length > 0 && <OtherData evaluations={facts.value.evaluations} />}
        </>
      )}
    </div>
  );
}

/** Which model, and where it looks. */
function Model(): VNode {
  const known = facts.value;
  return (
    <div class="explore-model">
      <Select
        label={t('Run')}
        value={run.value!.id}
        options={candidates.value.map((each) => ({ value: each.id, label: runName(each) }))}
        width="wide"
        onChange={(id) => (chosenRun.value = id)}
      />
      {!known && asking.value.includes('facts') && (
        <span class="muted" role="status">
          {t('Opening the model…')}
        </span>
      )}
      {known && (
        <span class="muted">
          {known.isBest
            ? t('best checkpoint, step {0}', counted(known.step))
            : t('newest checkpoint, step {0}', counted(known.step))}
          {` · ${known.fusion} · ${known.engine}`}
        </span>
      )}
      {known && (
        <>
          <Button secondary onClick={() => void useModel('evaluate')}>
            {t('Evaluate on Other Data…')}
          </Button>
          <Button secondary onClick={() => void useModel('exportModel')}>
            {t('Export Model…')}
          </Button>
        </>
      )}
      {known && <Folder />}
      {known?.isAtChance && (
        <p class="status status-interrupted at-chance" role="note">
          <Icon name="warning" /> {atChanceText()}
        </p>
      )}
    </div>
  );
}

function Folder(): VNode {
  const found = index.value;
  const bad = found?.unreadable.map(({ name, reason }) => `${name}: ${reason}`).join('\n');
  return (
    <div class="explore-folder">
      <Button secondary onClick={() => void pick('folder')}>
        {t('Folder…')}
      </Button>
      <span class="path" title={folder.value ?? ''}>
        {folder.value ?? t('The images of this run lie in shards: choose a folder of images.')}
      </span>
      {found && <span class="muted">{plural(found.images, '{0} image', '{0} images')}</span>}
      {found && found.unreadableCount > 0 && (
        <span class="error-text" title={bad}>
          {plural(found.unreadableCount, '{0} image cannot be read', '{0} images cannot be read')}
        </span>
      )}
      <ModelProgressBar call="index" doing={t('Computing the images of the folder')} />
    </div>
  );
}
