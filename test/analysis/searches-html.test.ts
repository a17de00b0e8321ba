import { expect, test } from 'vitest';
import { searchesHtml } from '../../src/analysis/report/searches-html.ts';

const hit = (image: string, isRight = false) => ({
  image,
  thumbnail: 'data:image/webp;base64,AA==',
  isRight,
});

test('each search has its words, the right image framed, and where it is when it is not among the nearest', () => {
  const html = searchesHtml(
    {
      step: 1200,
      isBest: true,
      captions: 400,
      images: 378,
      searches: [
        { caption: 'a <b> apple', rank: 2, hits: [hit('pear.png'), hit('apple.png', true)] },
        { caption: 'a quince', rank: 40, hits: [hit('pear.png'), hit('apple.png')] },
      ],
    },
    'run-1',
  ).join('\n');
  expect(html).toContain(
    '2 of 400 captions, spread evenly, and the nearest of 378 images to each, by run run-1 (best checkpoint, step 1,200). The right image is framed.',
  );
  expect(html).toContain('<h3>a &lt;b&gt; apple</h3>');
  expect(html).toContain('<h3>a quince (its image is at place 40)</h3>');
  expect(html.match(/class="right"/g)).toHaveLength(1);
  expect(html).toMatch(/<li class="right"><img [^>]*alt="apple\.png, the right one"/);
});
