// panel-texts.json beside the panel: the English wordings of the table that stand in its modules. A host hands it these and no others.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const table = 'l10n/bundle.l10n.zh-cn.json';

export const textsForEsbuild = {
  name: 'texts',
  setup(build) {
    const { absWorkingDir: root, outdir } = build.initialOptions;
    build.onEnd(({ metafile }) => {
      if (!metafile) return; // it failed
      const ours = Object.keys(metafile.inputs).filter((file) => /^(src|webview-ui)\/.*\.tsx?$/.test(file));
      const written = ours.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
      const wordings = Object.keys(JSON.parse(readFileSync(join(root, table), 'utf8')));
      const said = wordings.filter((wording) =>
        literalsOf(wording).some((literal) => written.includes(literal)),
      );
      writeFileSync(resolve(root, outdir, 'panel-texts.json'), JSON.stringify(said));
    });
  },
};

/** How a text may stand in a source. */
function literalsOf(text) {
  const inDouble = JSON.stringify(text);
  return [inDouble, `'${inDouble.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`];
}
