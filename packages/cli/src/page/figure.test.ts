import { expect, test } from 'vitest';
import { csv, download, lineFigure } from './figure.js';

test('cells with commas, quotes and line breaks are quoted, numbers keep six digits and counts all of theirs, nothing stays empty', () => {
  expect(csv(['a', 'b'], [['x,y', 1 / 3], ['say "so"', undefined], ['two\nlines', 1_234_567]])).toBe(
    'a,b\n"x,y",0.333333\n"say ""so""",\n"two\nlines",1234567\n',
  ); // prettier-ignore
});

test('a download holds its text and nothing of it is markup', () => {
  const link = download('a"b.csv', 'text/csv', '<x>,"y"#&\n', 'data');
  const [, data = ''] = /href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(link) ?? [];
  expect(decodeURIComponent(data)).toBe('<x>,"y"#&\n');
  expect(link).toContain('download="a&#34;b.csv"');
});

test('a figure has words, a legend, colours that a dark page can change, and its points', async () => {
  const html = await lineFigure({
    title: 'ROC <1>',
    alt: 'two "curves"',
    file: 'roc',
    x: { title: 'rate', domain: [0, 1] },
    y: { title: 'sensitivity', domain: [0, 1] },
    lines: [
      { name: 'Mass', points: [[0, 0], [0.5, 1]] }, // prettier-ignore
      { name: 'Hernia', points: [[0, 0], [1, 1]] }, // prettier-ignore
    ],
    diagonal: true,
  });
  expect(html).toContain('<figcaption>ROC &#60;1&#62;</figcaption>');
  expect(html).toContain('aria-label="two &#34;curves&#34;"');
  for (const word of ['>Mass<', '>Hernia<', '>sensitivity<', 'fill="currentColor"', 'line%2Crate%2Csensitivity'])
    expect(html).toContain(word);
  expect(html).not.toMatch(/#000|black/);
});
