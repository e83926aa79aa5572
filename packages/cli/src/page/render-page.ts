import { escapeText } from './escape-text.js';
import { STYLE } from './style.js';

export interface Page {
  readonly title: string;
  /** Below the title: by what and when it was made. */
  readonly made: string;
  /** Anchor -> words of the navigation. */
  readonly links: readonly (readonly [id: string, name: string])[];
  /** HTML. */
  readonly body: readonly string[];
}

/** One HTML page without scripts, fonts or anything from elsewhere. */
export function renderPage({ title, made, links, body }: Page): string {
  const nav = links.map(([id, name]) => `<a href="#${escapeText(id)}">${escapeText(name)}</a>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeText(title)}</h1><p>${escapeText(made)}</p><nav>${nav}</nav></header>
<main>
${body.join('\n')}
</main>
</body>
</html>
`;
}
