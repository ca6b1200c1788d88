/**
 * Several processes as one: each holds the same network and computes a part of every batch, and what they found is added up, so
 * that all go on alike (data parallelism). {@link dev.mediator.parallel.ProcessGroup} is what a training sees of it.
 *
 * <p>Process 0 is where the others meet ({@link dev.mediator.parallel.MeetingPoint}). From then on there are two nets. Small
 * things, a few numbers or a text, go to process 0 and back, a star: one round trip, and process 0 knows who has gone and tells
 * the others. Large tensors go round a ring in which each process sends to the next (Patarasuk and Yuan, "Bandwidth Optimal
 * All-reduce Algorithms for Clusters of Workstations", 2009): every process sends and receives 2·(N − 1)/N of the tensor, whatever
 * their number. Each element is added up in one place and handed on, so that all processes hold the same bits. Tensors on cards
 * take NCCL instead of the ring.
 *
 * <p>Nothing is encrypted, and whoever can reach process 0's port can join: for machines that trust each other.
 */
@NullMarked
package dev.mediator.parallel;

import org.jspecify.annotations.NullMarked;
