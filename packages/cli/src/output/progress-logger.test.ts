import { expect, test } from 'vitest';
import { ProgressLogger } from './progress-logger.js';
import { createStyle } from './style.js';

function logger(options: { live: boolean; columns?: number; quiet?: boolean }): {
  log: ProgressLogger;
  output: () => string;
  tick: (ms: number) => void;
} {
  let [text, time] = ['', 0];
  const log = new ProgressLogger({
    write: (chunk) => (text += chunk),
    live: options.live,
    quiet: options.quiet ?? false,
    style: createStyle({ columns: options.columns ?? 80 }, {}),
    now: () => time,
  });
  return { log, output: () => text, tick: (ms) => (time += ms) };
}

/** What a terminal would show: `\r\x1b[2K` empties the line. */
function screen(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.split('\r\x1b[2K').at(-1) ?? '')
    .filter((line) => line !== '');
}

const stage = { index: 2, count: 14, work: 'det', title: 'det on rsna' };

test('on a terminal one line a stage stays, and evaluations pass over it', () => {
  const { log, output, tick } = logger({ live: true });
  log.stage(stage);
  for (let done = 1; done <= 300; done++) {
    tick(100);
    log.progress({ name: 'det', done, total: 300, detail: '16 img/s  loss 0.21' });
    if (done === 150)
      expect(screen(output()).at(-1)).toMatch(
        / {2}2\/14 {2}det on rsna .*150\/300 {2}eta 0:15 {2}16 img\/s {2}loss 0.21$/,
      );
  }
  for (let done = 1; done <= 10; done++) {
    tick(100);
    log.progress({ name: 'det: test of rsna', done, total: 10 });
  }
  log.stage({ ...stage, index: 3, work: 'seg', title: 'seg on siim' });
  log.close();
  expect(screen(output())).toEqual(['  2/14  det on rsna          ████████  300/300  16 img/s  loss 0.21']);
});

test.each([30, 40, 60, 80, 100, 200])('no line is wider than %i columns', (columns) => {
  const { log, output, tick } = logger({ live: true, columns });
  log.stage({ ...stage, title: 'a-phase-with-a-long-name on chestxray14 + rsna + siim' });
  for (let done = 0; done <= 1000; done += 50) {
    tick(100);
    log.progress({ name: 'det', done, total: 1000, detail: '16 img/s  loss 0.2144' });
  }
  log.close();
  for (const line of screen(output())) expect(line.length).toBeLessThan(columns);
});

test('elsewhere plain lines every few seconds, and the last state of every stage', () => {
  const { log, output, tick } = logger({ live: false });
  log.stage(stage);
  for (let done = 1; done <= 100; done++) {
    tick(200);
    log.progress({ name: 'det', done, total: 100, detail: 'loss 0.1' });
  }
  log.stage({ ...stage, index: 3, work: 'seg', title: 'seg on siim' });
  const lines = output().split('\n').filter(Boolean);
  expect(output()).not.toContain('\x1b');
  expect(lines.length).toBeLessThan(8);
  expect(lines.at(-1)).toMatch(/100\/100 {2}loss 0.1$/);
});

test('messages do not tear the line that is drawn', () => {
  const { log, output, tick } = logger({ live: true });
  tick(100);
  log.progress({ name: 'work', done: 1, total: 3 });
  log.warn('careful');
  log.info('done');
  tick(100);
  log.progress({ name: 'work', done: 3, total: 3 });
  expect(screen(output())).toMatchObject(['warning careful', '  done', expect.stringContaining('3/3')]);
});

test('quiet says warnings alone', () => {
  const { log, output } = logger({ live: true, quiet: true });
  log.info('x');
  log.progress({ name: 'work', done: 1, total: 1 });
  log.warn('careful');
  expect(output()).toBe('warning careful\n');
});

test('a long warning is broken in a terminal, and stays one line elsewhere', () => {
  const text = 'left out: IMAGE_CORRUPT the scan is cut '.repeat(6).trim();
  const [live, file] = [logger({ live: true, columns: 60 }), logger({ live: false })];
  live.log.warn(text);
  file.log.warn(text);
  const lines = live.output().trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toBe(`warning ${text}`);
  expect(file.output()).toBe(`warning ${text}\n`);
});

test('LANG=C gets ASCII alone', () => {
  let text = '';
  const style = createStyle({ columns: 80 }, { LANG: 'C' });
  const log = new ProgressLogger({ write: (chunk) => (text += chunk), live: true, quiet: false, style });
  log.stage({ ...stage, title: 'a-phase-with-a-long-name on chestxray14 + rsna + siim' });
  log.progress({ name: 'det', done: 100, total: 300, detail: '16 img/s  loss 0.2144' });
  log.close();
  expect(text).toContain('##');
  expect([...text].every((character) => character.charCodeAt(0) < 128)).toBe(true);
});
