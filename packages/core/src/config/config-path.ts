/** `a.b[2]["x y"]` as keys: `['a', 'b', 2, 'x y']`. */
export function splitPath(path: string): (string | number)[] {
  const keys: (string | number)[] = [];
  for (const match of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)) {
    const [, quoted, index, word] = match;
    if (index !== undefined) keys.push(Number(index));
    else keys.push(quoted ?? word ?? '');
  }
  return keys;
}
