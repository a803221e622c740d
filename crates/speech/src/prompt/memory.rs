//! Prompts in memory: those used last, up to a limit.

use super::Key;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A cache that forgets what was not asked for longest.
pub(super) struct MemoryCache {
    sounds: BTreeMap<Key, Kept>,
    /// The order of use: the number of each last use leads to its key.
    used: BTreeMap<u64, Key>,
    uses: u64,
    bytes: usize,
    bytes_max: usize,
}

struct Kept {
    sound: Arc<[i16]>,
    used: u64,
}

impl MemoryCache {
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self {
            sounds: BTreeMap::new(),
            used: BTreeMap::new(),
            uses: 0,
            bytes: 0,
            bytes_max,
        }
    }

    pub(super) fn find(&mut self, key: &Key) -> Option<Arc<[i16]>> {
        let kept = self.sounds.get_mut(key)?;
        self.uses += 1;
        self.used.remove(&kept.used);
        self.used.insert(self.uses, *key);
        kept.used = self.uses;
        Some(Arc::clone(&kept.sound))
    }

    /// Keeps a sound, unless it alone passes the limit.
    pub(super) fn keep(&mut self, key: Key, sound: &Arc<[i16]>) {
        self.forget(&key);
        if size(sound) > self.bytes_max {
            return;
        }
        self.uses += 1;
        self.bytes += size(sound);
        self.used.insert(self.uses, key);
        let kept = Kept {
            sound: Arc::clone(sound),
            used: self.uses,
        };
        self.sounds.insert(key, kept);
        while self.bytes > self.bytes_max {
            let Some((_, oldest)) = self.used.first_key_value() else {
                break;
            };
            let oldest = *oldest;
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(kept) = self.sounds.remove(key) {
            self.used.remove(&kept.used);
            self.bytes -= size(&kept.sound);
        }
    }
}

fn size(sound: &[i16]) -> usize {
    std::mem::size_of_val(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn key(number: u8) -> Key {
        [number; 32]
    }

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten_first() {
        let sound: Arc<[i16]> = vec![0_i16; 100].into();
        let mut cache = MemoryCache::new(500);
        cache.keep(key(1), &sound);
        cache.keep(key(2), &sound);
        assert!(cache.find(&key(1)).is_some());
        cache.keep(key(3), &sound);
        assert!(cache.find(&key(2)).is_none());
        assert!(cache.find(&key(1)).is_some() && cache.find(&key(3)).is_some());
    }

    #[test]
    fn the_limit_holds_whatever_is_kept() {
        let mut cache = MemoryCache::new(1_000);
        for number in 0..200 {
            let sound: Arc<[i16]> = vec![0_i16; usize::from(number) * 7].into();
            cache.keep(key(number % 50), &sound);
            let held: usize = cache.sounds.values().map(|kept| size(&kept.sound)).sum();
            assert!(held <= 1_000 && held == cache.bytes);
            assert_eq!(cache.used.len(), cache.sounds.len());
        }
    }
}
