import { linkTo, PATTERN, snapshotOf, withoutSnapshot } from '../link';

const NAME = 'default-1700000000.0123456789abcdef0123456789abcdef';

describe('links to snapshots', () => {
  it('lead to this server', () => {
    const link = linkTo(
      { baseUrl: 'http://localhost:8888/base/', hubPrefix: '' },
      NAME
    );
    expect(link).toBe(
      `http://localhost:8888/base/lab?smstudio-snapshot=${NAME}`
    );
    expect(snapshotOf(new URL(link).search)).toBe(NAME);
    expect(PATTERN.test(link)).toBe(true);
  });

  it('lead to the own server of the receiver under JupyterHub', () => {
    expect(
      linkTo(
        { baseUrl: 'https://hub.example/user/ann/', hubPrefix: '/hub/' },
        NAME
      )
    ).toBe(
      `https://hub.example/hub/user-redirect/lab?smstudio-snapshot=${NAME}`
    );
  });

  it('are taken out of the address once they were followed', () => {
    expect(
      withoutSnapshot('/lab', `?smstudio-snapshot=${NAME}&reset`, '#a')
    ).toBe('/lab?reset=#a');
    expect(withoutSnapshot('/lab', `?smstudio-snapshot=${NAME}`, '')).toBe(
      '/lab'
    );
  });

  it('are none without a name', () => {
    expect(snapshotOf('?smstudio-snapshot=')).toBeNull();
    expect(snapshotOf('?other=1')).toBeNull();
    expect(PATTERN.test('/lab?other-smstudio-snapshot=1')).toBe(false);
  });
});
