// Where a server may keep what it knows, and what is refused before anything is connected to.
import assert from 'node:assert/strict';
import { findUnsafeStorage, storagePlaceOf } from '../../../src/server/config/storage-place.ts';

describe('the address of a PostgreSQL', () => {
  it('is reached by verified TLS over every network, whatever the address looks like', () => {
    for (const host of ['db.example', '10.0.0.5', '[2001:db8::5]', '127.0.0.1.example', 'localhost.example']) {
      assert.equal(storagePlaceOf(`postgres://a@${host}/b`).isVerified, true, host);
    }
    assert.equal(storagePlaceOf('postgres://a@localhost/b?host=db.example').isVerified, true);
  });

  it('may do without TLS on this machine alone, and still have it there', () => {
    for (const host of ['localhost', '127.0.0.1', '127.8.9.10', '[::1]']) {
      assert.equal(storagePlaceOf(`postgres://a@${host}/b`).isVerified, false, host);
      assert.equal(storagePlaceOf(`postgres://a@${host}/b?sslmode=verify-full`).isVerified, true, host);
    }
    assert.equal(storagePlaceOf('postgres://a@localhost/b?host=/run/postgresql').isVerified, false);
  });

  it('says that it wants no TLS, or TLS that is not verified, to no network', () => {
    for (const mode of ['disable', 'prefer', 'require', 'verify-ca']) {
      assert.match(findUnsafeStorage(`postgres://a@db.example/b?sslmode=${mode}`).join(), /sslmode is verify-full/);
    }
    assert.deepEqual(findUnsafeStorage('postgres://a@localhost/b?sslmode=disable'), []);
    assert.deepEqual(findUnsafeStorage('postgres://a@db.example/b?sslmode=verify-full'), []);
  });

  it('holds no password and nothing that is not known', () => {
    assert.match(findUnsafeStorage('postgres://a:secret@db.example/b').join(), /password/);
    assert.match(findUnsafeStorage('postgres://a@db.example/b?options=x').join(), /unknown parameter options/);
    assert.match(findUnsafeStorage('postgres://a@db.example/').join(), /names no database/);
  });

  it('has a client certificate with its key and with TLS, or none', () => {
    const [certFile, keyFile] = ['/a.crt', '/a.key'];
    assert.deepEqual(findUnsafeStorage('postgres://a@db.example/b', { certFile, keyFile }), []);
    assert.match(findUnsafeStorage('postgres://a@db.example/b', { certFile }).join(), /go together/);
    assert.match(findUnsafeStorage('postgres://a@db.example/b', { keyFile }).join(), /go together/);
    assert.match(findUnsafeStorage('postgres://a@localhost/b', { certFile, keyFile }).join(), /without TLS/);
  });
});
