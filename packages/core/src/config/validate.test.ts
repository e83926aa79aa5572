import { expect, test } from 'vitest';
import { joinPath, validate } from './validate.js';

const schema = {
  type: 'object',
  required: ['kind'],
  properties: {
    kind: { type: 'string', enum: ['adam', 'sgd'] },
    steps: { type: 'integer', minimum: 1, default: 1000 },
    rates: { type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, maxItems: 3 },
    name: { type: 'string', pattern: '^[a-z]+$' },
    mode: { const: 'auto' },
    nested: {
      type: 'object',
      default: {},
      properties: { rotate: { type: 'number', default: 0 }, 'a/b~c': { type: 'boolean' }, 'x y': { type: 'number' } },
      required: ['x y'],
      additionalProperties: false,
    },
    of: { anyOf: [{ type: 'integer' }, { type: 'object', required: ['of'], properties: { of: { type: 'string' } } }] },
    schedule: {
      type: 'object',
      required: ['kind'],
      properties: { kind: { type: 'string' } },
      discriminator: { propertyName: 'kind' },
      oneOf: [
        { properties: { kind: { const: 'joint' } }, additionalProperties: false },
        {
          properties: { kind: { const: 'alternating' }, order: { type: 'string', default: 'strict' } },
          additionalProperties: false,
        },
      ],
    },
  },
  additionalProperties: false,
};
const good = { kind: 'adam', nested: { 'x y': 1 } };
const open = { ...schema, properties: { ...schema.properties, nested: { type: 'object' } } };

function problems(value: unknown, used: object = open, path = ''): [string, string, string | undefined][] {
  const result = validate(used, value, { path, owner: 'an optimizer' });
  return result.problems.map(({ code, message, place }) => [code, message, place.path]);
}

test('fills in defaults in a copy', () => {
  const value = { kind: 'adam', schedule: { kind: 'alternating' } };
  const { value: filled, problems: none } = validate(open, value, { path: '', owner: 'x' });
  expect(none).toEqual([]);
  expect(filled).toEqual({ kind: 'adam', steps: 1000, schedule: { kind: 'alternating', order: 'strict' } });
  expect(value).toEqual({ kind: 'adam', schedule: { kind: 'alternating' } });
});

test('defaults go into objects that are themselves defaults', () => {
  const inner = { type: 'object', default: {}, properties: { rotate: { type: 'number', default: 0 } } };
  const { value } = validate({ type: 'object', properties: { nested: inner } }, {}, { path: '', owner: 'x' });
  expect(value).toEqual({ nested: { rotate: 0 } });
});

test('an unknown key names the nearest known one, at its own place', () => {
  expect(problems({ ...good, stesp: 4 })).toEqual([
    ['CONFIG_UNKNOWN_KEY', 'an optimizer has no option "stesp"; did you mean "steps"?', 'stesp'],
  ]);
  expect(problems({ kind: 'adam', 'weight decay': 1 })[0]).toEqual([
    'CONFIG_UNKNOWN_KEY',
    'an optimizer has no option "weight decay"; known: kind, steps, rates, name, mode, nested, of, schedule',
    '["weight decay"]',
  ]);
});

test('a missing key', () => {
  expect(problems({})).toEqual([['CONFIG_MISSING_KEY', 'an optimizer needs "kind"', 'kind']]);
});

test('a value that is none of the words', () => {
  expect(problems({ kind: 'adma' })).toEqual([
    ['CONFIG_VALUE', 'an optimizer: got "adma"; did you mean "adam"?', 'kind'],
  ]);
  expect(problems({ kind: 'lion' })[0]?.[1]).toBe('an optimizer: got "lion"; known: adam, sgd');
});

test('a wrong type, never coerced', () => {
  expect(problems({ kind: 'adam', steps: '8' })).toEqual([
    ['CONFIG_TYPE', 'an optimizer: wanted integer, got "8"', 'steps'],
  ]);
  expect(problems(null)).toEqual([['CONFIG_TYPE', 'an optimizer: wanted object, got null', '']]);
  expect(problems('text', open, 'train.optimizer')).toEqual([
    ['CONFIG_TYPE', 'an optimizer: wanted object, got "text"', 'train.optimizer'],
  ]);
});

test('a value out of range, too many, of the wrong form, not the constant', () => {
  expect(problems({ kind: 'adam', steps: 0, rates: [1, 0, 1, 1], name: 'A', mode: 'off' })).toEqual([
    ['CONFIG_VALUE', 'an optimizer: must be >= 1, got 0', 'steps'],
    ['CONFIG_VALUE', 'an optimizer: must NOT have more than 3 items, got [1,0,1,1]', 'rates'],
    ['CONFIG_VALUE', 'an optimizer: must be > 0, got 0', 'rates[1]'],
    ['CONFIG_VALUE', 'an optimizer: must match pattern "^[a-z]+$", got "A"', 'name'],
    ['CONFIG_VALUE', 'an optimizer: wanted "auto", got "off"', 'mode'],
  ]);
});

test('an unknown branch names the known ones', () => {
  expect(problems({ kind: 'adam', schedule: { kind: 'joit' } })).toEqual([
    ['CONFIG_VALUE', 'an optimizer: "kind" is "joit"; did you mean "joint"?', 'schedule.kind'],
  ]);
  expect(problems({ kind: 'adam', schedule: { kind: 'bigbang' } })[0]?.[1]).toContain('known: joint, alternating');
  expect(problems({ kind: 'adam', schedule: { kind: 'joint', order: 'random' } })).toEqual([
    ['CONFIG_UNKNOWN_KEY', 'an optimizer has no option "order"; known: kind', 'schedule.order'],
  ]);
});

test('of alternatives each is reported, not the combination', () => {
  expect(problems({ kind: 'adam', of: 'x' })).toEqual([
    ['CONFIG_TYPE', 'an optimizer: wanted integer, got "x"', 'of'],
    ['CONFIG_TYPE', 'an optimizer: wanted object, got "x"', 'of'],
  ]);
  const not = { type: 'object', properties: { a: { not: { type: 'string' } } } };
  expect(problems({ a: 'x' }, not)).toEqual([['CONFIG_VALUE', 'an optimizer: must NOT be valid, got "x"', 'a']]);
});

test('every problem at once, with the file and below the prefix', () => {
  const place = { path: 'model.heads[1]', file: 'c.json', owner: 'head "det"' };
  const { problems: found } = validate(schema, { steps: 1.5, nested: { 'a/b~c': 1, 'q/r~s': 2 } }, place);
  expect(found.map(({ code, place: { file, path } }) => [code, file, path])).toEqual([
    ['CONFIG_MISSING_KEY', 'c.json', 'model.heads[1].kind'],
    ['CONFIG_TYPE', 'c.json', 'model.heads[1].steps'],
    ['CONFIG_MISSING_KEY', 'c.json', 'model.heads[1].nested["x y"]'],
    ['CONFIG_UNKNOWN_KEY', 'c.json', 'model.heads[1].nested["q/r~s"]'],
    ['CONFIG_TYPE', 'c.json', 'model.heads[1].nested["a/b~c"]'],
  ]);
});

test('long values are cut in messages', () => {
  const message = problems({ kind: 'adam', steps: 'x'.repeat(500) })[0]?.[1] ?? '';
  expect(message.length).toBeLessThan(110);
  expect(message).toContain('xxx...');
});

test.each([
  ['', '/a/b/2/c', 'a.b[2].c'],
  ['model', '/heads/0', 'model.heads[0]'],
  ['', '/0/a', '[0].a'],
  ['a', '', 'a'],
  ['', '/covid-19/$x', 'covid-19.$x'],
  ['', '/a~1b/c~0d/1e', '["a/b"]["c~d"]["1e"]'],
])('joinPath(%j, %j) is %j', (prefix, pointer, path) => {
  expect(joinPath(prefix, pointer)).toBe(path);
});

test('what is not plain data is a problem, not a crash', () => {
  expect(problems({ kind: 'adam', nested: { hook: () => 1 } })).toEqual([
    ['CONFIG_VALUE', expect.stringContaining('an optimizer: only plain data can be an option') as string, ''],
  ]);
});

test('a schema that is none is the plugin author’s error', () => {
  const wrong = { type: 'object', propertys: { a: { type: 'number' } } };
  expect(() => validate(wrong, {}, { path: '', owner: 'head "age"' })).toThrow(
    expect.objectContaining({
      code: 'PLUGIN_SCHEMA',
      message: expect.stringMatching(/head "age".*propertys/) as string,
    }),
  );
});
