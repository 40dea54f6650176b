/** What the gallery of examples shows, and in which order. */
import type { Example } from '../../api/generated';

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

/** The examples of each section, in the order of their first one. */
export function bySection(
  examples: readonly Example[]
): [Example['section'], Example[]][] {
  const sections = new Map<Example['section'], Example[]>();
  for (const example of examples) {
    sections.set(example.section, [
      ...(sections.get(example.section) ?? []),
      example
    ]);
  }
  return [...sections];
}

/** A language in its own words. */
export function languageName(code: Example['language']): string {
  return { en: 'English', ja: '日本語', ko: '한국어' }[code];
}
