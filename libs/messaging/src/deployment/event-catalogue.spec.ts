import { allEvents } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { asyncApi, eventsMarkdown } from './event-catalogue.js';

describe('the catalogue of events', () => {
  it('for people is docs/events.md; after a change of the contracts run `npm run generate` and read the difference', async () => {
    await expect(eventsMarkdown(allEvents)).toMatchFileSnapshot('../../../../docs/events.md');
  });

  it('for programs is docs/asyncapi.json, whose references lead somewhere', async () => {
    const document = asyncApi(allEvents);
    const text = `${JSON.stringify(document, null, 2)}\n`;
    for (const [, path = ''] of text.matchAll(/"\$ref": "#\/([^"]+)"/g)) {
      const target = path.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document);
      expect(target, path).toBeTypeOf('object');
    }
    await expect(text).toMatchFileSnapshot('../../../../docs/asyncapi.json');
  });

  it('has a class for every field that is shown', () => {
    expect(eventsMarkdown(allEvents)).not.toContain(', secret: ');
  });
});
