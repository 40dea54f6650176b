/** What the gallery of examples shows, and in which order. */
import type { Example, ExampleSource } from '../../api/generated';

/** Whether an example holds the words that somebody looks for. */
export function found(example: Example, search: string): boolean {
  const text = [
    example.title,
    example.description,
    example.name,
    ...example.algorithms
  ]
    .join(' ')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

/** How many notebooks of one source are shown at once; a search finds the others. */
export const SHOWN = 100;

/** The examples of each section, in the order of their first one; those of added sources are in none. */
export function bySection(
  examples: readonly Example[]
): [Example['section'], Example[]][] {
  const sections = new Map<Example['section'], Example[]>();
  for (const example of examples.filter(each => each.source === null)) {
    sections.set(example.section, [
      ...(sections.get(example.section) ?? []),
      example
    ]);
  }
  return [...sections];
}

/** A language in its own words. */
export function languageName(code: 'en' | 'ja' | 'ko'): string {
  return { en: 'English', ja: '日本語', ko: '한국어' }[code];
}

/** The last part of a source's address, which people know it by. */
export function sourceName(source: ExampleSource): string {
  const plain = source.address.replace(/\/+$/, '');
  const name =
    source.kind === 's3'
      ? plain.replace(/^s3:\/\//, '')
      : (plain
          .split(/[/:]/)
          .pop()
          ?.replace(/\.git$/, '') ?? plain);
  return source.branch ? `${name} (${source.branch})` : name;
}
