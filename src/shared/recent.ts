/** A map that forgets what was used longest ago: pages keep their last answers in it, and a page may stay open for days. */
export class RecentMap<K, V> extends Map<K, V> {
  constructor(private _most: number) {
    super();
  }

  override get(key: K): V | undefined {
    const found = super.get(key);
    if (found !== undefined) {
      this.set(key, found);
    }
    return found;
  }

  override set(key: K, value: V): this {
    super.delete(key);
    super.set(key, value);
    while (this.size > this._most) {
      super.delete(this.keys().next().value as K);
    }
    return this;
  }
}
