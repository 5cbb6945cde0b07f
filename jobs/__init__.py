"""Work that outlives a connection and a process: the store, the queue, the workers, webhooks, retention.

A job is acknowledged once its recording and its row are on the disk. Workers, in this process or another one on the
same database, take queued jobs in turn and append what each finished window has brought, so that a job that loses
its worker goes on with the first window that is missing.
"""
