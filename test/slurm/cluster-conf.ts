/** What the configuration of a cluster on one machine depends on. */
export interface ClusterPlace {
  folder: string;
  host: string;
  user: string;
  /** The first of two free ports. */
  port: number;
}

/** A Slurm of one node, `n1`, that forgets, kills and puts back fast: real clusters take minutes for what takes seconds here. */
export const slurmConf = ({ folder, host, user, port }: ClusterPlace): string => `
ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${port}
SlurmdPort=${port + 1}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
# cred_expire is also the wait before a job that was put back starts again; 5 is the least.
AuthInfo=socket=${folder}/munge.sock,cred_expire=5
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
JobRequeue=1
MaxArraySize=1001
MinJobAge=5
KillWait=5
MessageTimeout=3
InactiveLimit=0
CompleteWait=0
ReturnToService=2
BatchStartTimeout=10
# The processors and memory below are taken as given, whatever the machine has.
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=16000 State=UNKNOWN
PartitionName=main Nodes=n1 Default=YES MaxTime=60 DefMemPerCPU=200 State=UP
`;

/** Named in any case: left to itself, slurmd ends where no cgroup is mounted. */
export const cgroupConf = `CgroupPlugin=cgroup/v1
CgroupMountpoint=/sys/fs/cgroup
CgroupAutomount=no
`;
