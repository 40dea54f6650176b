import { Requests } from '../requests';

test('what is asked of a page is told once, also to a page that opens later', () => {
  const requests = new Requests();
  const heard: string[] = [];
  requests.asked.connect((_, name) => heard.push(name));
  requests.ask('one', 'delete');
  requests.ask('two', 'deploy');
  expect(heard).toEqual(['one', 'two']);
  expect(requests.take('one')).toBe('delete');
  expect(requests.take('one')).toBeNull();
  expect(requests.take('two')).toBe('deploy');
});
