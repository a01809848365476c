import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { AdminApi } from './admin/admin-api.js';
import { AssistantByInstance } from './assistant/cloud-assistant.js';
import { CommandAssistant } from './assistant/command-assistant.js';
import { SimulatedAssistant } from './assistant/simulated-assistant.js';
import { Clock } from './clock.js';
import type { Settings } from './config.js';
import { describeInstances } from './ecs/describe-instances.js';
import { CallCounter } from './gateway/call-counter.js';
import { CallerCheck } from './gateway/check-caller.js';
import { Faults } from './gateway/faults.js';
import { Gateway } from './gateway/gateway.js';
import { KeyRing } from './gateway/key-ring.js';
import { listen } from './gateway/listener.js';
import { Throttle } from './gateway/throttle.js';
import { SimulatedInstances } from './instances/simulated-instances.js';
import { kmsOperations } from './kms/operations.js';
import { Rotations } from './kms/rotations.js';
import { Schedule } from './kms/schedule.js';
import { assumeRole } from './ram/assume-role.js';
import { Permission } from './ram/permission.js';
import { ramKeyOf } from './ram/ram-key.js';
import { RuleBook } from './rules.js';
import { firstState } from './state/first-state.js';
import { KeyVault } from './state/key-vault.js';
import { StateStore } from './state/state-store.js';

/** A running emulator: all the wiring, and its start and stop. */
export class Emulator {
  private constructor(
    /** Host and port, no scheme, as the SDKs want it. */
    readonly endpoint: string,
    readonly regionId: string,
    private readonly server: Server,
    private readonly instances: SimulatedInstances,
    private readonly rotations: Rotations,
    private readonly schedule: Schedule,
    private readonly store: StateStore,
  ) {}

  static async start(settings: Settings): Promise<Emulator> {
    const folder = settings.SALLYPORT_EMULATOR_STATE_DIR;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const clock = new Clock();
    const vault = await KeyVault.open(folder);
    const store = await StateStore.open(folder, () =>
      firstState(vault, {
        regionId: settings.SALLYPORT_EMULATOR_REGION,
        instances: settings.SALLYPORT_EMULATOR_INSTANCES,
        now: clock.now(),
      }),
    );
    const { gateway, admin, instances, rotations, schedule } = wire(settings, store, vault, clock);
    await instances.start();
    await instances.makeHomes();
    const { server, port } = await listen(settings.SALLYPORT_EMULATOR_PORT, (request) =>
      admin.owns(request) ? admin.answer(request) : gateway.answer(request),
    );
    rotations.resume();
    schedule.start();
    return new Emulator(`127.0.0.1:${port}`, store.current.regionId, server, instances, rotations, schedule, store);
  }

  /** Ends every connection and waits until what was answered is on disk. */
  async stop(): Promise<void> {
    this.schedule.stop();
    this.server.close();
    this.server.closeAllConnections();
    this.instances.stop();
    await this.rotations.stop();
    await this.store.settled();
  }
}

/** What works on the state, each with what it needs. Nothing runs yet. */
function wire(settings: Settings, store: StateStore, vault: KeyVault, clock: Clock) {
  const gatewayClock = new Clock();
  const rules = new RuleBook(settings.SALLYPORT_EMULATOR_RULES);
  const assistant = new AssistantByInstance(new SimulatedAssistant(store.own, vault), new CommandAssistant());
  const rotations = new Rotations(store, vault, clock, rules, assistant);
  const schedule = new Schedule(store, clock, rotations);
  const instances = new SimulatedInstances(store.own, vault, join(settings.SALLYPORT_EMULATOR_STATE_DIR, 'homes'));
  const keyRing = keyRingOf(settings, store, vault);
  const faults = new Faults();
  const calls = new CallCounter();
  const permission = new Permission(store);
  const gateway = new Gateway({
    operations: [
      ...kmsOperations({ vault, clock, rotations }, store, permission),
      describeInstances,
      assumeRole(store, keyRing, gatewayClock),
    ],
    permission,
    callerCheck: new CallerCheck(keyRing, gatewayClock, () => rules.current.echoStringToSign),
    throttle: new Throttle(() => rules.current),
    faults,
    calls,
    store,
    rules,
  });
  const admin = new AdminApi({
    store,
    vault,
    clock,
    gatewayClock,
    rules,
    rotations,
    schedule,
    instances,
    keyRing,
    faults,
    calls,
    token: settings.SALLYPORT_EMULATOR_ADMIN_TOKEN,
  });
  return { gateway, admin, instances, rotations, schedule };
}

/** The access key of the settings, and those of the RAM users. */
function keyRingOf(settings: Settings, store: StateStore, vault: KeyVault): KeyRing {
  return new KeyRing(
    [
      {
        accessKeyId: settings.SALLYPORT_EMULATOR_ACCESS_KEY_ID,
        accessKeySecret: settings.SALLYPORT_EMULATOR_ACCESS_KEY_SECRET.expose(),
        active: true,
        caller: { principal: { accountId: store.current.accountId, kind: 'root', name: '' } },
      },
    ],
    ramKeyOf(store, vault),
  );
}
